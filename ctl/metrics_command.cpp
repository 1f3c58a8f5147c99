// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/metrics_command.hpp"

#include <algorithm>

#include "ctl/arguments.hpp"
#include "ctl/render/prose.hpp"
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
  const std::string_view all{text->get_string().data(), text->get_string().size()};
  std::string lines;
  for (std::size_t begin = 0; begin < all.size();) {
    const auto end = std::min(all.find('\n', begin), all.size());
    lines += harmless_text(all.substr(begin, end - begin));
    if (end < all.size()) lines += '\n';
    begin = end + 1;
  }
  return lines;
}

}  // namespace gnomon::ctl
