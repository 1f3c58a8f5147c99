// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/metrics/content.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/ascii.hpp"

namespace gnomon::metrics {

namespace {

constexpr std::string_view blanks = " \t";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// Takes what stands before the separator off the text.
std::string_view take_part(std::string_view& text, char separator) {
  const auto part = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return trimmed(part);
}

// "q=0.5"; 1 where there is none. What is no number is not wanted.
double quality_of(std::string_view parameters) {
  while (!parameters.empty()) {
    const auto parameter = take_part(parameters, ';');
    if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) continue;
    double quality = 0;
    const auto digits = parameter.substr(2);
    const auto read =
        std::from_chars(digits.data(), digits.data() + digits.size(), quality, std::chars_format::fixed);
    return read.ec == std::errc{} ? std::clamp(quality, 0.0, 1.0) : 0;
  }
  return 1;
}

struct Wishes {
  std::optional<double> openmetrics;
  std::optional<double> text;
  std::optional<double> any_text;
  std::optional<double> anything;
};

Wishes wishes_of(std::string_view accept) {
  const auto raise = [](std::optional<double>& wish, double quality) {
    wish = std::max(wish.value_or(0), quality);
  };
  Wishes wishes;
  while (!accept.empty()) {
    auto range = take_part(accept, ',');
    const auto type = take_part(range, ';');
    const double quality = quality_of(range);
    if (base::equal_ignoring_case(type, "application/openmetrics-text")) raise(wishes.openmetrics, quality);
    if (base::equal_ignoring_case(type, "text/plain")) raise(wishes.text, quality);
    if (base::equal_ignoring_case(type, "text/*")) raise(wishes.any_text, quality);
    if (base::equal_ignoring_case(type, "*/*")) raise(wishes.anything, quality);
  }
  return wishes;
}

}  // namespace

ipc::MetricsFormat format_for(std::string_view accept) {
  const auto wishes = wishes_of(accept);
  const double text = wishes.text.value_or(wishes.any_text.value_or(wishes.anything.value_or(0)));
  const double openmetrics = wishes.openmetrics.value_or(0);
  return openmetrics > 0 && openmetrics >= text ? ipc::MetricsFormat::openmetrics
                                                : ipc::MetricsFormat::prometheus;
}

Plan plan_for(const HttpRequest& request) {
  const bool is_head = request.method == "HEAD";
  Plan plan{.format = format_for(request.accept), .with_body = !is_head};
  const std::string_view target = request.target;
  if (target.substr(0, target.find('?')) != "/metrics")
    plan.status = Status::not_found;
  else if (request.method != "GET" && !is_head)
    plan.status = Status::method_not_allowed;
  return plan;
}

Status status_of(HttpFault fault) {
  switch (fault) {
    case HttpFault::too_large:
      return Status::header_too_large;
    case HttpFault::has_body:
      return Status::content_too_large;
    case HttpFault::malformed:
      break;
  }
  return Status::bad_request;
}

std::string_view content_type(ipc::MetricsFormat format) {
  return format == ipc::MetricsFormat::openmetrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

std::string_view sentence_for(Status status) {
  switch (status) {
    case Status::bad_request:
      return "This is no HTTP request.\n";
    case Status::not_found:
      return "There is only /metrics here.\n";
    case Status::method_not_allowed:
      return "Only GET and HEAD are answered.\n";
    case Status::content_too_large:
      return "No request with a body is answered.\n";
    case Status::header_too_large:
      return "The request's header is too large.\n";
    case Status::unavailable:
      return "gnomon-core does not answer.\n";
    case Status::ok:
      break;
  }
  return "";
}

}  // namespace gnomon::metrics
