// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/session_commands.hpp"

#include "ctl/arguments.hpp"

namespace gnomon::ctl {

namespace {

std::expected<int, std::string> whole_number(const Words& words, int least, int most) {
  if (auto complaint = count_complaint(words, 1, 1); !complaint.empty())
    return std::unexpected(std::move(complaint));
  const auto number = base::parse_number(words[0], base::NumberRange<int>{.low = least, .high = most});
  if (!number)
    return std::unexpected(fmt::format("'{}' is not a whole number from {} to {}", words[0], least, most));
  return *number;
}

}  // namespace

Made dns(std::string_view /*name*/, const Words& words) {
  if (auto complaint = count_complaint(words, 1, 1); !complaint.empty())
    return std::unexpected(std::move(complaint));
  const auto& word = words[0];
  if (word == "-n" || word == "+n")
    return MethodCall{.method = {}, .session = SessionSettings{.reverse_lookups = word == "+n"}};
  // The control socket has no address, so that there is no family to choose.
  if (word == "-4" || word == "-6" || word == "-46")
    return MethodCall{.method = {}, .session = SessionSettings{}};
  return std::unexpected("what follows must be -n, +n, -4, -6 or -46");
}

Made timeout(std::string_view /*name*/, const Words& words) {
  constexpr int longest = 3'600'000;
  const auto limit = whole_number(words, 1, longest);
  if (!limit) return std::unexpected(limit.error());
  return MethodCall{.method = {},
                    .session = SessionSettings{.time_limit = std::chrono::milliseconds{*limit}}};
}

Made retries(std::string_view /*name*/, const Words& words) {
  constexpr int most = 1000;
  const auto count = whole_number(words, 0, most);
  if (!count) return std::unexpected(count.error());
  return MethodCall{.method = {}, .session = SessionSettings{}};
}

Made quit(std::string_view /*name*/, const Words& words) {
  if (auto complaint = count_complaint(words, 0, 0); !complaint.empty())
    return std::unexpected(std::move(complaint));
  return MethodCall{.method = {}, .session = SessionSettings{.ended = true}};
}

}  // namespace gnomon::ctl
