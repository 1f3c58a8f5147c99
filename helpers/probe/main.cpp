// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-probe: NTP requests, one at a time, for `gnomonctl probe`, which sees no packet itself.
#include "base/os/sandbox/role_main.hpp"
#include "helpers/probe/sandbox.hpp"
#include "helpers/probe/serve.hpp"

using namespace gnomon;

namespace {

std::expected<int, base::RoleFailure> run(std::span<const std::string> words, base::ProcessLog& /*log*/) {
  const auto setup = ipc::from_arguments<ipc::ProbeSetup>(words);
  if (!setup) return base::bad_words(setup.error());
  std::vector<base::Fd> given;
  for (const int socket : setup->sockets) given.emplace_back(socket);
  probe::Exchanger exchanger{std::move(given)};
  if (const auto begun = base::begin_role(probe::confinement(setup->identity)); !begun)
    return std::unexpected(begun.error());
  return probe::serve(ipc::role_channel_fd, exchanger);
}

}  // namespace

int main(int count, char** arguments) {
  return base::role_main("gnomon-probe", {arguments, static_cast<std::size_t>(count)}, run);
}
