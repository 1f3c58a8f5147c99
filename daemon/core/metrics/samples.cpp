// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/metrics/samples.hpp"

#include <fmt/format.h>

#include <boost/nowide/utf/utf.hpp>
#include <cmath>
#include <iterator>

namespace gnomon::core::metrics {

namespace {

namespace utf = boost::nowide::utf;

bool is_control(char octet) {
  return (octet >= 0 && octet < 0x20) || octet == 0x7f;
}

void append_escaped(std::string& out, char octet) {
  switch (octet) {
    case '\\':
      out += "\\\\";
      return;
    case '"':
      out += "\\\"";
      return;
    case '\n':
      out += "\\n";
      return;
    default:
      out += is_control(octet) ? '?' : octet;
  }
}

// Of the whole family, or of its samples.
std::string_view suffix_of(Type type) {
  if (type == Type::counter) return "_total";
  return type == Type::info ? "_info" : "";
}

// The text format of Prometheus knows the names of samples only.
std::string family_name(const Head& head, ipc::MetricsFormat format) {
  return format == ipc::MetricsFormat::openmetrics ? std::string{head.name} : sample_name(head);
}

std::string_view type_in(ipc::MetricsFormat format, Type type) {
  const bool plain = format == ipc::MetricsFormat::prometheus && type != Type::counter;
  return plain ? "gauge" : name_of(type);
}

}  // namespace

std::string_view name_of(Type type) {
  switch (type) {
    case Type::counter:
      return "counter";
    case Type::info:
      return "info";
    case Type::state_set:
      return "stateset";
    case Type::gauge:
      break;
  }
  return "gauge";
}

std::string sample_name(const Head& head) {
  return std::string{head.name}.append(suffix_of(head.type));
}

std::string escaped(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  const auto* at = value.begin();
  while (at != value.end()) {
    const auto* const begin = at;
    if (utf::is_valid_codepoint(utf::utf_traits<char>::decode(at, value.end()))) {
      for (const char octet : std::string_view{begin, at}) append_escaped(out, octet);
      continue;
    }
    out += '?';
    at = begin + 1;
  }
  return out;
}

void Samples::write_head() {
  if (begun_) return;
  begun_ = true;
  const auto name = family_name(head_, format_);
  auto into = std::back_inserter(out_);
  fmt::format_to(into, "# TYPE {} {}\n", name, type_in(format_, head_.type));
  if (format_ == ipc::MetricsFormat::openmetrics && !head_.unit.empty())
    fmt::format_to(into, "# UNIT {} {}\n", name, head_.unit);
  fmt::format_to(into, "# HELP {} {}\n", name, head_.help);
}

void Samples::add_text(std::string_view value, const Labels& labels) {
  write_head();
  out_.append(head_.name).append(suffix_of(head_.type));
  char before = '{';
  for (const auto& label : labels) {
    if (label.value.empty()) continue;
    fmt::format_to(std::back_inserter(out_), "{}{}=\"{}\"", before, label.name, escaped(label.value));
    before = ',';
  }
  if (before == ',') out_ += '}';
  fmt::format_to(std::back_inserter(out_), " {}\n", value);
}

void Samples::add(double value, const Labels& labels) {
  if (std::isfinite(value)) add_text(fmt::format("{}", value), labels);
}

void Samples::add_states(std::span<const std::string_view> states, std::string_view held,
                         const Labels& labels) {
  for (const auto state : states) {
    auto with_state = labels;
    with_state.push_back({head_.name, state});
    add(state == held ? 1 : 0, with_state);
  }
}

}  // namespace gnomon::core::metrics
