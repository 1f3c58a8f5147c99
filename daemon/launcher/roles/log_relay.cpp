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

base::OsResult<void> LogRelay::add(std::optional<Program> program, RoleLines lines) {
  auto pipe = base::make_pipe(base::Blocking::no);
  if (!pipe) return std::unexpected(pipe.error());
  pipes_.push_back({.program = program,
                    .entry = std::move(pipe->writer),
                    .exit = std::move(pipe->reader),
                    .lines = std::move(lines)});
  return {};
}

base::OsResult<LogRelay> LogRelay::make(base::LogFormat head) {
  using enum Program;
  LogRelay relay;
  if (head == base::LogFormat::levels)
    if (auto own = relay.add(std::nullopt, RoleLines{"", head, "gnomond"}); !own)
      return std::unexpected(own.error());
  for (const auto program : {core, clock, resolve, ke_client, ke_server, refclock, metrics}) {
    RoleLines lines{program == core ? "" : program_name(program), head};
    if (auto added = relay.add(program, std::move(lines)); !added) return std::unexpected(added.error());
  }
  return relay;
}

int LogRelay::entry(Program program) const {
  return entry_of(program);
}

int LogRelay::own_entry() const {
  return entry_of(std::nullopt);
}

int LogRelay::entry_of(std::optional<Program> program) const {
  const auto found = std::ranges::find(pipes_, program, &Pipe::program);
  return found == pipes_.end() ? -1 : found->entry.get();
}

std::vector<int> LogRelay::exits() const {
  std::vector<int> exits;
  for (const auto& pipe : pipes_) exits.push_back(pipe.exit.get());
  return exits;
}

std::string LogRelay::take(base::MonoTime now) {
  std::string text;
  for (auto& pipe : pipes_) text += pipe.lines.take(written_to(pipe.exit.get()), now);
  return text;
}

}  // namespace gnomon::launcher
