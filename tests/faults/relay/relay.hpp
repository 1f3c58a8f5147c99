// SPDX-License-Identifier: GPL-2.0-or-later
// Stands between a role and its channel: passes every message on, writes down that it did, and treats one of
// them as the rule says.
#pragma once

#include <cstdio>
#include <optional>
#include <string>

#include "base/os/fd.hpp"
#include "base/os/spawn.hpp"
#include "tests/faults/relay/message.hpp"
#include "tests/faults/relay/rule.hpp"

namespace gnomon::faults {

struct Ends {
  int outside;  // what the launcher gave us
  base::Fd inside;
};

class Relay {
 public:
  Relay(std::string folder, std::string role, Ends ends, const base::Child& child);
  // The role's exit status; dies as the role has died.
  int run();

 private:
  void pass(bool up);
  void treat(Message message, bool up);
  void mistreat(Message message, bool up);
  void forward(const Message& message, bool up);
  void flush_held();
  void kill_role();
  void kill_core();
  int end();
  void note(const std::string& line) const;

  std::string folder_;
  std::string role_;
  Ends ends_;
  const base::Child& child_;
  std::optional<Rule> rule_;
  int counts_[2] = {0, 0};
  std::optional<Message> held_;
  bool held_up_ = false;
  bool up_closed_ = false;
};

}  // namespace gnomon::faults
