// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/sandbox/journal_calls.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/os/log.hpp"

namespace gnomon::base {

namespace {

constexpr std::array<std::string_view, 5> naming_an_end{"sendto", "sendmsg", "sendmmsg", "connect", "bind"};

bool has_rule(const AllowedCall& call, const ArgumentRule& wanted) {
  return std::ranges::any_of(call.rules, [&](const ArgumentRule& each) {
    return each.index == wanted.index && each.value == wanted.value;
  });
}

// Not where the list itself says with which descriptors; libseccomp takes one rule about them only.
bool may_lead_elsewhere(const AllowedCall& call) {
  if (std::ranges::any_of(call.rules, [](const ArgumentRule& each) { return each.index == 0; })) return false;
  if (std::string_view{call.name} == "fcntl") return has_rule(call, int_argument_is(1, F_DUPFD_CLOEXEC));
  return std::ranges::find(naming_an_end, call.name) != naming_an_end.end();
}

}  // namespace

CallList closed_to_others_than_the_journal(CallList calls) {
  CallList closed;
  for (auto& call : calls) {
    if (!may_lead_elsewhere(call)) {
      closed.push_back(std::move(call));
      continue;
    }
    call.rules.push_back(int_argument_is_not(0, journal_descriptor));
    closed.push_back(std::move(call));
  }
  closed.push_back({"sendto", {int_argument_is(0, journal_descriptor), argument_is(4, 0)}});
  return closed;
}

}  // namespace gnomon::base
