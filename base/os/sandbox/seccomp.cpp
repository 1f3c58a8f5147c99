// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/os/fd.hpp"
#include "base/os/heap.hpp"
#include "base/os/sandbox/filter_program.hpp"
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

using Filter = std::unique_ptr<void, ReleaseFilter>;

OsResult<Filter> make_filter(std::uint32_t otherwise, std::span<const FilteredCalls> groups) {
  Filter filter{seccomp_init(otherwise)};
  if (!filter) return std::unexpected(OsError{"seccomp_init", ENOMEM});
  seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // a binary tree: every packet pays for it
  seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1);     // the core's workers exist already
  for (const auto& group : groups)
    for (const auto& call : group.calls)
      for (const auto& one : without_differences(call))
        if (const auto added = add(filter.get(), group.action, one); !added)
          return std::unexpected(added.error());
  return filter;
}

// As the kernel takes it.
OsResult<std::vector<sock_filter>> program_of(Filter filter) {
  auto pipe = make_pipe(Blocking::no);
  if (!pipe) return std::unexpected(pipe.error());
  // The longest that the kernel takes fits into a pipe.
  static_assert(BPF_MAXINSNS * sizeof(sock_filter) <= 65536);
  if (const int result = seccomp_export_bpf(filter.get(), pipe->writer.get()); result != 0)
    return std::unexpected(OsError{"seccomp_export_bpf", -result});
  pipe->writer.close();
  std::vector<sock_filter> program(BPF_MAXINSNS);
  const auto size = read(pipe->reader.get(), program.data(), program.size() * sizeof(sock_filter));
  if (size <= 0) return std::unexpected(last_error("read"));
  program.resize(static_cast<std::size_t>(size) / sizeof(sock_filter));
  program.shrink_to_fit();
  return program;
}

OsResult<std::vector<sock_filter>> make_program(std::uint32_t otherwise,
                                                std::span<const FilteredCalls> groups) {
  if (auto own = filter_program(otherwise, groups)) return std::move(*own);
  auto filter = make_filter(otherwise, groups);
  if (!filter) return std::unexpected(filter.error());
  return program_of(std::move(*filter));
}

// In force from here on, for all threads: the core's workers exist already. What is not needed any more, of
// the preparation and of libseccomp's work, is given back before: afterwards that could be forbidden.
OsResult<void> load_filter(std::uint32_t otherwise, std::span<const FilteredCalls> groups) {
  auto made = make_program(otherwise, groups);
  if (!made) return std::unexpected(made.error());
  auto* const program = new std::vector{std::move(*made)};  // NOLINT: kept, as freeing it may be forbidden
  trim_heap();
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return std::unexpected(last_error("prctl"));
  const sock_fprog whole{static_cast<unsigned short>(program->size()), program->data()};
  const auto result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &whole);
  if (result < 0) return std::unexpected(last_error("seccomp"));
  if (result > 0) return std::unexpected(OsError{"seccomp", ESRCH});  // a thread that it could not reach
  return {};
}

// The value is the filter, kept: freeing it would call what has just been forbidden.
OsResult<scmp_filter_ctx> load_notifying(OsResult<Filter> filter) {
  if (!filter) return std::unexpected(filter.error());
  const int result = seccomp_load(filter->get());
  void* const kept = filter->release();
  if (result != 0) return std::unexpected(OsError{"seccomp_load", -result});
  return kept;
}

OsResult<void> install_reporting(std::span<const AllowedCall> allowed, const char* who) {
  const auto reporter = RefusalReporter::start(who, allowed);
  if (!reporter) return std::unexpected(reporter.error());
  std::vector<AllowedCall> calls{allowed.begin(), allowed.end()};
  const auto own = reporter->own_calls();
  calls.insert(calls.end(), own.begin(), own.end());
  const std::array allowed_calls{FilteredCalls{SCMP_ACT_ALLOW, calls}};
  const auto loaded = load_notifying(make_filter(SCMP_ACT_NOTIFY, allowed_calls));
  if (!loaded) return std::unexpected(loaded.error());
  return reporter->watch(seccomp_notify_fd(*loaded));
}

}  // namespace

OsResult<void> install_seccomp(std::span<const AllowedCall> allowed, SandboxMode mode, const char* who,
                               const OtherCalls& others) {
  if (mode == SandboxMode::report) return install_reporting(allowed, who);
  const std::array groups{FilteredCalls{SCMP_ACT_KILL_PROCESS, others.deadly},
                          FilteredCalls{SCMP_ACT_ALLOW, allowed}};
  return load_filter(others.fail ? SCMP_ACT_ERRNO(ENOSYS) : SCMP_ACT_KILL_PROCESS, groups);
}

OsResult<void> forbid_calls(std::span<const AllowedCall> forbidden, SandboxMode mode) {
  const auto action = mode == SandboxMode::enforce ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_LOG;
  return load_filter(SCMP_ACT_ALLOW, std::array{FilteredCalls{action, forbidden}});
}

}  // namespace gnomon::base
