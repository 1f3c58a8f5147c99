// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/log_relay.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/os/fd.hpp"

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
    auto pipe = base::make_pipe(base::Blocking::no);
    if (!pipe) return std::unexpected(pipe.error());
    relay.pipes_.push_back({.program = program,
                            .entry = std::move(pipe->writer),
                            .exit = std::move(pipe->reader),
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
