// SPDX-License-Identifier: GPL-2.0-or-later
#include <seccomp.h>

#include <cerrno>
#include <memory>

#include "base/os/sandbox/refusal_report.hpp"
#include "base/os/sandbox/sandbox.hpp"

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

OsResult<void> add(scmp_filter_ctx filter, std::uint32_t action, const AllowedCall& call) {
  const int number = seccomp_syscall_resolve_name(call.name);
  if (number == __NR_SCMP_ERROR) return {};
  std::vector<scmp_arg_cmp> compares;
  compares.reserve(call.rules.size());
  for (const auto& rule : call.rules) compares.push_back(to_compare(rule));
  const int result =
      seccomp_rule_add_array(filter, action, number, static_cast<unsigned>(compares.size()), compares.data());
  if (result != 0 && result != -EEXIST) return std::unexpected(OsError{"seccomp_rule_add", -result});
  return {};
}

// In force from here on. The value is the filter, kept: freeing it would call what has just been forbidden.
OsResult<scmp_filter_ctx> load_filter(std::uint32_t otherwise, std::uint32_t action,
                                      std::span<const AllowedCall> calls,
                                      std::span<const AllowedCall> deadly = {}) {
  std::unique_ptr<void, ReleaseFilter> filter{seccomp_init(otherwise)};
  if (!filter) return std::unexpected(OsError{"seccomp_init", ENOMEM});
  seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // a binary tree: every packet pays for it
  seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1);     // the core's workers exist already
  for (const auto& call : calls)
    if (const auto added = add(filter.get(), action, call); !added) return std::unexpected(added.error());
  for (const auto& call : deadly)
    if (const auto added = add(filter.get(), SCMP_ACT_KILL_PROCESS, call); !added)
      return std::unexpected(added.error());
  const int result = seccomp_load(filter.get());
  void* const kept = filter.release();
  if (result != 0) return std::unexpected(OsError{"seccomp_load", -result});
  return kept;
}

OsResult<void> install_reporting(std::span<const AllowedCall> allowed, const char* who) {
  const auto reporter = RefusalReporter::start(who, allowed);
  if (!reporter) return std::unexpected(reporter.error());
  std::vector<AllowedCall> calls{allowed.begin(), allowed.end()};
  const auto own = reporter->own_calls();
  calls.insert(calls.end(), own.begin(), own.end());
  const auto loaded = load_filter(SCMP_ACT_NOTIFY, SCMP_ACT_ALLOW, calls);
  if (!loaded) return std::unexpected(loaded.error());
  return reporter->watch(seccomp_notify_fd(*loaded));
}

}  // namespace

OsResult<void> install_seccomp(std::span<const AllowedCall> allowed, SandboxMode mode, const char* who,
                               const OtherCalls& others) {
  if (mode == SandboxMode::report) return install_reporting(allowed, who);
  const auto loaded = others.fail
                          ? load_filter(SCMP_ACT_ERRNO(ENOSYS), SCMP_ACT_ALLOW, allowed, others.deadly)
                          : load_filter(SCMP_ACT_KILL_PROCESS, SCMP_ACT_ALLOW, allowed);
  return loaded ? OsResult<void>{} : std::unexpected(loaded.error());
}

OsResult<void> forbid_calls(std::span<const AllowedCall> forbidden, SandboxMode mode) {
  const auto action = mode == SandboxMode::enforce ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_LOG;
  const auto loaded = load_filter(SCMP_ACT_ALLOW, action, forbidden);
  return loaded ? OsResult<void>{} : std::unexpected(loaded.error());
}

}  // namespace gnomon::base
