// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-resolve: names to addresses, for a core that may not ask the network itself.
#include "base/os/sandbox/role_main.hpp"
#include "helpers/resolve/file_watch.hpp"
#include "helpers/resolve/lookup_threads.hpp"
#include "helpers/resolve/sandbox.hpp"

using namespace gnomon;

namespace {

std::expected<int, base::RoleFailure> run(std::span<const std::string> words, base::ProcessLog& log) {
  const auto setup = ipc::from_arguments<ipc::ResolveSetup>(words);
  if (!setup) return base::bad_words(setup.error());
  log.remember_in(setup->identity.log_fd);
  // Never destroyed: a lookup may be under way when the process ends.
  static const auto& files = *new resolve::NameFiles;                               // NOLINT
  static auto& watch = *new resolve::FileWatch{files, ipc::role_channel_fd};        // NOLINT
  static auto& lookups = *new resolve::LookupThreads{ipc::role_channel_fd, watch};  // NOLINT
  auto confinement = resolve::confinement(setup->identity, files);
  confinement.before_filter = [] {
    watch.start();
    lookups.start();
  };
  if (const auto begun = base::begin_role(confinement); !begun) return std::unexpected(begun.error());
  return lookups.serve(log);
}

}  // namespace

int main(int count, char** arguments) {
  return base::role_main("gnomon-resolve", {arguments, static_cast<std::size_t>(count)}, run);
}
