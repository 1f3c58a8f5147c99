// SPDX-License-Identifier: GPL-2.0-or-later
#include <seccomp.h>

#include <cerrno>
#include <memory>

#include "base/os/sandbox.hpp"

namespace gnomon::base {

namespace {

struct ReleaseFilter {
  void operator()(void* filter) const { seccomp_release(filter); }
};

scmp_arg_cmp to_compare(const ArgumentRule& rule) {
  scmp_arg_cmp compare{};
  compare.arg = rule.index;
  compare.op = SCMP_CMP_MASKED_EQ;
  compare.datum_a = rule.mask;
  compare.datum_b = rule.value;
  return compare;
}

OsResult<void> allow(scmp_filter_ctx filter, const AllowedCall& call) {
  const int number = seccomp_syscall_resolve_name(call.name);
  if (number == __NR_SCMP_ERROR) return {};
  std::vector<scmp_arg_cmp> compares;
  compares.reserve(call.rules.size());
  for (const auto& rule : call.rules) compares.push_back(to_compare(rule));
  const int result = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number,
                                            static_cast<unsigned>(compares.size()), compares.data());
  if (result != 0 && result != -EEXIST) return std::unexpected(OsError{"seccomp_rule_add", -result});
  return {};
}

}  // namespace

OsResult<void> install_seccomp(std::span<const AllowedCall> allowed, SandboxMode mode) {
  const auto otherwise = mode == SandboxMode::enforce ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_LOG;
  std::unique_ptr<void, ReleaseFilter> filter{seccomp_init(otherwise)};
  if (!filter) return std::unexpected(OsError{"seccomp_init", ENOMEM});
  seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // a binary tree: every packet pays for it
  seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1);     // the core's workers exist already
  for (const auto& call : allowed)
    if (const auto added = allow(filter.get(), call); !added) return added;
  const int result = seccomp_load(filter.get());
  // The filter stays allocated for good: freeing it would call what has just been forbidden.
  void* const kept = filter.release();
  static_cast<void>(kept);
  if (result != 0) return std::unexpected(OsError{"seccomp_load", -result});
  return {};
}

}  // namespace gnomon::base
