// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-refclock: reads the reference clocks of this machine, for a core that may open no device. Opens
// them, gives up its powers, works.
#include "base/os/clocks.hpp"
#include "base/os/sandbox/role_main.hpp"
#include "helpers/refclock/sandbox.hpp"
#include "helpers/refclock/serve.hpp"

using namespace gnomon;

namespace {

std::expected<int, base::RoleFailure> run(std::span<const std::string> words, base::ProcessLog& log) {
  const auto setup = ipc::from_arguments<ipc::RefclockSetup>(words);
  if (!setup) return base::bad_words(setup.error());
  log.remember_in(setup->identity.log_fd);
  refclock::Service service{*setup, log};
  service.open(base::read_now().mono);
  if (const auto begun = base::begin_role(refclock::confinement(setup->identity, service)); !begun)
    return std::unexpected(begun.error());
  return refclock::serve(ipc::role_channel_fd, service, log);
}

}  // namespace

int main(int count, char** arguments) {
  return base::role_main("gnomon-refclock", {arguments, static_cast<std::size_t>(count)}, run);
}
