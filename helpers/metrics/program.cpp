// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/metrics/program.hpp"

#include <sys/resource.h>

#include <exception>
#include <optional>

#include "async/loop.hpp"
#include "base/os/clocks.hpp"
#include "base/os/sandbox/role_main.hpp"
#include "helpers/metrics/metrics_role.hpp"
#include "helpers/metrics/sandbox.hpp"

namespace gnomon::metrics {

namespace {

// Whoever asks, and however often: those that keep the time go first.
constexpr int niceness = 10;

std::expected<int, base::RoleFailure> serve(async::Loop& loop, MetricsRole& role) {
  std::optional<async::ChannelEnd> end;
  const auto when_over = [&end](const std::exception_ptr& problem, async::ChannelEnd how) {
    if (problem) std::rethrow_exception(problem);
    end = how;
  };
  asio::co_spawn(loop.io(), role.run(), when_over);
  loop.run();
  if (end && end->kind == async::ChannelEnd::Kind::illegal_frame)
    return std::unexpected(
        base::RoleFailure{4, "the core sent a forbidden message", base::LogEvent::core_broke_rules});
  if (end && end->kind == async::ChannelEnd::Kind::broken)
    return std::unexpected(
        base::RoleFailure{1, "the channel to the core failed: " + base::to_string(end->error)});
  return 0;
}

}  // namespace

std::expected<int, base::RoleFailure> work(std::span<const std::string> words, base::ProcessLog& log) {
  const auto setup = ipc::from_arguments<ipc::MetricsSetup>(words);
  if (!setup) return base::bad_words(setup.error());
  log.remember_in(setup->identity.log_fd);
  setpriority(PRIO_PROCESS, 0, niceness);
  async::Context context{1};
  const base::MachineClock clock;
  async::Loop loop{context, clock};
  MetricsRole role{loop, base::Fd{ipc::role_channel_fd}, *setup};
  if (const auto begun = base::begin_role(confinement(setup->identity)); !begun)
    return std::unexpected(begun.error());
  return serve(loop, role);
}

}  // namespace gnomon::metrics
