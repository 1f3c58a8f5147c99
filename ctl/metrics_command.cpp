// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/metrics_command.hpp"

#include <algorithm>

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
  const auto* const text = reply.if_contains("text");
  if (text == nullptr || !text->is_string()) throw ReplyFault{"the reply has no text"};
  // A Record's texts are of one line each.
  std::string lines{text->get_string()};
  std::ranges::replace_if(
      lines, [](unsigned char octet) { return octet != '\n' && (octet < 0x20 || octet == 0x7f); }, '?');
  return lines;
}

}  // namespace gnomon::ctl
