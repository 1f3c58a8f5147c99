// SPDX-License-Identifier: GPL-2.0-or-later
// What a request is answered with, by what it says alone: a status, a format. No HTTP is parsed here, and no
// socket used.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ipc/metrics_messages.hpp"

namespace gnomon::metrics {

struct HttpRequest {
  std::string method;
  std::string target;  // with what stands behind a '?'
  std::string accept;  // all Accept fields, with commas between; empty: none
  bool keep_alive = true;
};
enum class HttpFault : std::uint8_t { malformed, too_large, has_body };

// RFC 9110 section 15
enum class Status : std::uint16_t {
  ok = 200,
  bad_request = 400,
  not_found = 404,
  method_not_allowed = 405,
  content_too_large = 413,
  header_too_large = 431,
  unavailable = 503
};

struct Plan {
  Status status = Status::ok;
  ipc::MetricsFormat format = ipc::MetricsFormat::openmetrics;
  bool with_body = true;  // false: HEAD
  friend bool operator==(const Plan&, const Plan&) = default;
};
// GET and HEAD of /metrics.
[[nodiscard]] Plan plan_for(const HttpRequest& request);
[[nodiscard]] Status status_of(HttpFault fault);
// OpenMetrics where `accept` names it and prefers nothing else (RFC 9110 section 12.5.1), otherwise the text
// format that everybody reads.
[[nodiscard]] ipc::MetricsFormat format_for(std::string_view accept);
[[nodiscard]] std::string_view content_type(ipc::MetricsFormat format);
// The body of a response that is none of a text of metrics.
[[nodiscard]] std::string_view sentence_for(Status status);

}  // namespace gnomon::metrics
