// SPDX-License-Identifier: GPL-2.0-or-later
// A record read line by line, and what the engine decides printed beside what the daemon had decided. Used by
// gnomon-replay.
#pragma once

#include <functional>
#include <istream>
#include <string>

namespace gnomon::ctl {

struct ReplaySettings {
  std::string file;  // its name, for messages
  bool json = false;
};

// Of the program.
enum class ReplayStatus : int {
  same = 0,       // all decisions are those of the daemon
  different = 1,  // at least one is another
  damaged = 2     // the record is not whole or none at all; up to there the decisions are the same
};

using PrintText = std::function<void(const std::string& text)>;
// decisions: for standard output; remarks: sentences for standard error.
[[nodiscard]] ReplayStatus replay(std::istream& record, const ReplaySettings& settings,
                                  const PrintText& decisions, const PrintText& remark);

}  // namespace gnomon::ctl
