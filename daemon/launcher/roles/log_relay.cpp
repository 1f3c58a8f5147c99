// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/log_relay.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

namespace gnomon::launcher {
namespace {

// No more at once than a pipe holds: a role that never stops must not keep us from everything else.
std::string written_to(int exit) {
  std::array<char, 16384> octets{};
  std::string written;
  for (int i = 0; i < 4; ++i) {
    const auto got = read(exit, octets.data(), octets.size());
    if (got <= 0) break;
    written.append(octets.data(), static_cast<std::size_t>(got));
  }
  return written;
}

}  // namespace

base::OsResult<LogRelay> LogRelay::make() {
  using enum Program;
  LogRelay relay;
  for (const auto program : {core, clock, resolve, ke_client, ke_server, refclock, metrics}) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return std::unexpected(base::last_error("pipe2"));
    relay.pipes_.push_back({.program = program,
                            .entry = base::Fd{ends[1]},
                            .exit = base::Fd{ends[0]},
                            .lines = RoleLines{program == core ? "" : program_name(program)}});
  }
  return relay;
}

int LogRelay::entry(Program program) const {
  const auto found = std::ranges::find(pipes_, program, &Pipe::program);
  return found == pipes_.end() ? -1 : found->entry.get();
}

std::vector<int> LogRelay::exits() const {
  std::vector<int> exits;
  for (const auto& pipe : pipes_) exits.push_back(pipe.exit.get());
  return exits;
}

void LogRelay::pass_on(int target, base::MonoTime now) {
  for (auto& pipe : pipes_) {
    const auto text = pipe.lines.take(written_to(pipe.exit.get()), now);
    // A disk that is full loses it, as it would have without us.
    if (!text.empty()) (void)!write(target, text.data(), text.size());
  }
}

}  // namespace gnomon::launcher
