// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-resolve: names to addresses, for a core that may not ask the network itself.
#include "base/os/role_main.hpp"
#include "helpers/resolve/sandbox.hpp"
#include "helpers/resolve/serve.hpp"

using namespace gnomon;

namespace {

std::expected<int, base::RoleFailure> run(std::span<const std::string> words, base::ProcessLog& log) {
  const auto setup = ipc::from_arguments<ipc::ResolveSetup>(words);
  if (!setup) return base::bad_words(setup.error());
  if (const auto begun = base::begin_role(resolve::confinement(setup->identity)); !begun)
    return std::unexpected(begun.error());
  return resolve::serve(ipc::role_channel_fd, log);
}

}  // namespace

int main(int count, char** arguments) {
  return base::role_main("gnomon-resolve", {arguments, static_cast<std::size_t>(count)}, run);
}
