// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/metrics_command.hpp"

#include "ctl/arguments.hpp"
#include "ctl/render/record.hpp"

namespace gnomon::ctl {

Made metrics(std::string_view /*name*/, const Words& words) {
  if (auto complaint = count_complaint(words, 0, 1); !complaint.empty()) return std::unexpected(complaint);
  if (words.empty()) return MethodCall{.method = "Metrics"};
  if (words[0] != "openmetrics" && words[0] != "prometheus")
    return std::unexpected(fmt::format("'{}' is not openmetrics or prometheus", words[0]));
  return MethodCall{.method = "Metrics", .parameters = {{"format", words[0]}}};
}

std::string render_metrics(const Reply& reply, const View& /*view*/) {
  return std::string{Record{reply}.text("text")};
}

}  // namespace gnomon::ctl
