// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/privileges.hpp"

#include <fmt/format.h>

#include "daemon/launcher/roles/role_setups.hpp"

namespace gnomon::launcher {

std::expected<void, std::string> check_clock_rights(const config::CommandLine& options,
                                                    const Privileges& privileges) {
  if (!steers_clock(options) || privileges.may_set_clock || options.skip_root_check) return {};
  constexpr const char* others = "use -x to run without touching it, or -Q to measure it once";
  if (privileges.root)
    return std::unexpected(fmt::format(
        "The right to set the clock (CAP_SYS_TIME) has been taken from this process: give it back, or {}",
        others));
  return std::unexpected(fmt::format(
      "Not superuser, and without CAP_SYS_TIME the clock cannot be set: start as root, or {}", others));
}

std::expected<std::string, std::string> choose_user(const config::CommandLine& options,
                                                    const config::ProcessSettings& process,
                                                    const Privileges& privileges, const UserExists& exists) {
  if (!privileges.root) return "";
  const auto& wanted = options.user ? *options.user : process.user;
  if (wanted.empty() || wanted == "root") return "";
  if (!privileges.may_change_user && options.mode == config::RunMode::print_once && !options.user) return "";
  if (!privileges.may_change_user)
    return std::unexpected(fmt::format(
        "Root, but without the right to become the user '{}' (CAP_SETUID and CAP_SETGID): give it "
        "back, start as that user, or use -u root, which leaves root without any capability",
        wanted));
  const auto found = exists(wanted);
  if (!found) return std::unexpected(found.error());
  if (*found) return wanted;
  // A look at the time needs no account made for it.
  if (options.mode == config::RunMode::print_once && !options.user) {
    const auto nobody = exists("nobody");
    if (!nobody) return std::unexpected(nobody.error());
    return *nobody ? "nobody" : "";
  }
  return std::unexpected(
      fmt::format("There is no user '{0}' for the daemon to run as: create it (useradd --system "
                  "--no-create-home {0}), or name another with `user` or -u",
                  wanted));
}

}  // namespace gnomon::launcher
