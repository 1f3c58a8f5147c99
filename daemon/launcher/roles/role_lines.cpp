// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/role_lines.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/journal_datagram.hpp"

namespace gnomon::launcher {
namespace {

// "2026-11-30T05:34:19Z ", or nothing.
std::string_view time_of(std::string_view line) {
  constexpr std::string_view digits = "0123456789";
  constexpr std::string_view pattern = "dddd-dd-ddTdd:dd:ddZ ";
  if (line.size() < pattern.size()) return {};
  for (std::size_t i = 0; i < pattern.size(); ++i)
    if (pattern[i] == 'd' ? !digits.contains(line[i]) : pattern[i] != line[i]) return {};
  return line.substr(0, pattern.size());
}

// "<4>", or nothing. No process of ours has more to say than that it is critical: a syslog daemon writes an
// emergency to every terminal.
std::string_view level_of(std::string_view line) {
  const bool has_one =
      line.size() >= 3 && line[0] == '<' && line[1] >= '2' && line[1] <= '7' && line[2] == '>';
  return line.substr(0, has_one ? 3 : 0);
}
constexpr std::string_view usual_level = "<4>";

}  // namespace

std::string_view RoleLines::head_of(std::string_view line) const {
  return has_levels_ ? level_of(line) : time_of(line);
}

std::size_t RoleLines::affordable(std::size_t wanted, base::MonoTime now) {
  const double elapsed = std::max(base::to_seconds(now - filled_).count(), 0.0);
  octets_ = std::min(octets_ + elapsed * octets_per_second, static_cast<double>(burst));
  filled_ = now;
  const auto allowed = std::min(wanted, static_cast<std::size_t>(std::max(octets_, 0.0)));
  octets_ -= static_cast<double>(allowed);
  return allowed;
}

std::string RoleLines::take(std::string_view written, base::MonoTime now) {
  const auto allowed = affordable(written.size(), now);
  std::string text;
  if (allowed > 0 && left_out_ > 0) {
    text = fmt::format("{}{}: {} octets of messages were left out, more than may be written at once\n",
                       has_levels_ ? usual_level : "", writer_, left_out_);
    left_out_ = 0;
  }
  left_out_ += written.size() - allowed;
  for (auto rest = written.substr(0, allowed); !rest.empty();) {
    const auto line = rest.substr(0, rest.find('\n'));
    const auto head = head_of(line);
    text += has_levels_ && head.empty() ? usual_level : head;
    if (!name_.empty()) text += name_ + ": ";
    const auto before = text.size();
    text += line.substr(head.size());
    base::put_harmless(line.substr(head.size()), base::LineBreaks::keep, text.data() + before);
    text += '\n';
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  octets_ -= static_cast<double>(text.size()) - static_cast<double>(allowed);  // names of many short lines
  return text;
}

}  // namespace gnomon::launcher
