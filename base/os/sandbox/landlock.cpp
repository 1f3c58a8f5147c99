// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's interface is declared here: the headers of older distributions know only its first version.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "base/os/fd.hpp"
#include "base/os/sandbox/sandbox.hpp"

namespace gnomon::base {

namespace {

struct RulesetAttributes {
  std::uint64_t handled_files = 0;
  std::uint64_t handled_net = 0;  // ABI 4
  std::uint64_t scoped = 0;       // ABI 6
};
struct __attribute__((packed)) PathAttributes {
  std::uint64_t allowed = 0;
  std::int32_t parent = -1;
};
struct PortAttributes {
  std::uint64_t allowed = 0;
  std::uint64_t port = 0;
};
constexpr int rule_path_beneath = 1;
constexpr int rule_net_port = 2;
constexpr unsigned version_flag = 1;

constexpr std::uint64_t bit(unsigned number) {
  return std::uint64_t{1} << number;
}
constexpr std::uint64_t fs_execute = bit(0);
constexpr std::uint64_t fs_write_file = bit(1);
constexpr std::uint64_t fs_read_file = bit(2);
constexpr std::uint64_t fs_read_dir = bit(3);
constexpr std::uint64_t fs_remove_file = bit(5);
constexpr std::uint64_t fs_make_regular = bit(8);
constexpr std::uint64_t fs_make_socket = bit(9);
constexpr std::uint64_t fs_refer = bit(13);      // ABI 2
constexpr std::uint64_t fs_truncate = bit(14);   // ABI 3
constexpr std::uint64_t fs_ioctl_dev = bit(15);  // ABI 5
constexpr std::uint64_t fs_for_files = fs_execute | fs_write_file | fs_read_file | fs_truncate | fs_ioctl_dev;
constexpr std::uint64_t net_bind = bit(0);
constexpr std::uint64_t net_connect = bit(1);
constexpr std::uint64_t scope_abstract_sockets = bit(0);
constexpr std::uint64_t scope_signals = bit(1);

std::uint64_t all_file_rights(int abi) {
  const unsigned count = abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13;
  return bit(count) - 1;
}

std::uint64_t file_rights(PathRights rights) {
  switch (rights) {
    case PathRights::read:
      return fs_read_file | fs_read_dir;
    case PathRights::write_file:
      return fs_write_file | fs_truncate;
    case PathRights::read_write:
      return fs_read_file | fs_read_dir | fs_write_file | fs_truncate | fs_remove_file | fs_make_regular |
             fs_make_socket | fs_refer;
  }
  return 0;
}

std::size_t attributes_size(int abi) {
  return abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
}

OsResult<void> add_rule(int ruleset, int type, const void* attributes) {
  if (syscall(SYS_landlock_add_rule, ruleset, type, attributes, 0) != 0)
    return std::unexpected(last_error("landlock_add_rule"));
  return {};
}

OsResult<void> allow_path(int ruleset, const std::string& path, std::uint64_t rights) {
  const Fd parent{open(path.c_str(), O_PATH | O_CLOEXEC)};
  // What is not there or not ours to see cannot be allowed; anything else would lock us out of what we need.
  if (!parent &&
      (errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == ELOOP || errno == ENAMETOOLONG))
    return {};
  if (!parent) return std::unexpected(last_error("open"));
  struct stat file{};
  if (fstat(parent.get(), &file) != 0) return std::unexpected(last_error("fstat"));
  PathAttributes attributes;
  attributes.allowed = rights;
  if (!S_ISDIR(file.st_mode)) attributes.allowed &= fs_for_files;
  attributes.parent = parent.get();
  return add_rule(ruleset, rule_path_beneath, &attributes);
}

OsResult<void> allow_ports(int ruleset, std::uint64_t right,
                           const std::optional<std::vector<std::uint16_t>>& ports) {
  if (!ports) return {};
  for (const auto port : *ports) {
    const PortAttributes attributes{right, port};
    if (const auto added = add_rule(ruleset, rule_net_port, &attributes); !added) return added;
  }
  return {};
}

OsResult<Fd> create_ruleset(const RulesetAttributes& attributes, int abi) {
  Fd ruleset{static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, attributes_size(abi), 0))};
  if (!ruleset) return std::unexpected(last_error("landlock_create_ruleset"));
  return ruleset;
}

OsResult<LandlockState> restrict_self(const Fd& ruleset, int abi) {
  if (syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0)
    return std::unexpected(last_error("landlock_restrict_self"));
  return LandlockState{abi};
}

RulesetAttributes everything_but(const LandlockRules& rules, int abi) {
  RulesetAttributes attributes;
  attributes.handled_files = all_file_rights(abi);
  if (rules.bind_ports) attributes.handled_net |= net_bind;
  if (rules.connect_ports) attributes.handled_net |= net_connect;
  attributes.scoped = scope_abstract_sockets | scope_signals;
  return attributes;
}

OsResult<void> fill(int ruleset, int abi, const LandlockRules& rules) {
  for (const auto& path : rules.paths)
    if (const auto added = allow_path(ruleset, path.path, file_rights(path.rights) & all_file_rights(abi));
        !added)
      return added;
  if (abi < 4) return {};
  if (const auto added = allow_ports(ruleset, net_bind, rules.bind_ports); !added) return added;
  return allow_ports(ruleset, net_connect, rules.connect_ports);
}

// ENOSYS: not compiled in; EOPNOTSUPP: not switched on at boot; EPERM: what older containers say to calls
// they do not know. Any other error must not lead to running unconfined.
bool may_be_absent(int error) {
  return error == ENOSYS || error == EOPNOTSUPP || error == EPERM;
}

}  // namespace

int landlock_abi() {
  const auto abi = syscall(SYS_landlock_create_ruleset, nullptr, 0, version_flag);
  return abi < 0 ? 0 : static_cast<int>(abi);
}

OsResult<LandlockState> install_landlock(const LandlockRules& rules) {
  const int abi = landlock_abi();
  if (abi == 0 && !may_be_absent(errno)) return std::unexpected(last_error("landlock_create_ruleset"));
  if (abi == 0) return LandlockState{};
  const auto ruleset = create_ruleset(everything_but(rules, abi), abi);
  if (!ruleset) return std::unexpected(ruleset.error());
  if (const auto filled = fill(ruleset->get(), abi, rules); !filled) return std::unexpected(filled.error());
  return restrict_self(*ruleset, abi);
}

OsResult<LandlockState> execute_only(std::span<const std::string> programs) {
  const int abi = landlock_abi();
  if (abi == 0 && !may_be_absent(errno)) return std::unexpected(last_error("landlock_create_ruleset"));
  if (abi == 0) return LandlockState{};
  const auto ruleset = create_ruleset({.handled_files = fs_execute, .scoped = scope_signals}, abi);
  if (!ruleset) return std::unexpected(ruleset.error());
  for (const auto& program : programs)
    if (const auto added = allow_path(ruleset->get(), program, fs_execute); !added)
      return std::unexpected(added.error());
  return restrict_self(*ruleset, abi);
}

}  // namespace gnomon::base
