// SPDX-License-Identifier: GPL-2.0-or-later
// What our filters decide is what libseccomp's decide, for every call there is and for arguments around those
// of the rules.
#include "base/os/sandbox/filter_program.hpp"

#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <set>

#include "base/os/fd.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::base;

namespace {

using Program = std::vector<sock_filter>;

// The kernel's machine, as far as filters of system calls use it.
std::uint32_t run(const Program& program, const seccomp_data& data) {
  std::uint32_t accumulator = 0;
  for (std::size_t at = 0; at < program.size(); ++at) {
    const auto& each = program[at];
    switch (each.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        std::memcpy(&accumulator, reinterpret_cast<const char*>(&data) + each.k, sizeof accumulator);
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        accumulator &= each.k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        at += accumulator == each.k ? each.jt : each.jf;
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        at += accumulator >= each.k ? each.jt : each.jf;
        break;
      case BPF_JMP | BPF_JGT | BPF_K:
        at += accumulator > each.k ? each.jt : each.jf;
        break;
      case BPF_JMP | BPF_JA:
        at += each.k;
        break;
      case BPF_RET | BPF_K:
        return each.k;
      default:
        throw std::runtime_error{"an instruction that no filter has"};
    }
  }
  throw std::runtime_error{"a program without an end"};
}

// libseccomp ends the thread alone that calls by numbers of another architecture: here all of it ends.
std::uint32_t verdict(const Program& program, const seccomp_data& data) {
  const auto found = run(program, data);
  return found == SECCOMP_RET_KILL_THREAD ? SECCOMP_RET_KILL_PROCESS : found;
}

Program of_libseccomp(std::uint32_t otherwise, std::span<const FilteredCalls> groups) {
  auto* const filter = seccomp_init(otherwise);
  for (const auto& group : groups)
    for (const auto& each : group.calls)
      for (const auto& call : without_differences(each)) {
        std::vector<scmp_arg_cmp> compares;
        for (const auto& rule : call.rules)
          compares.push_back({rule.index, SCMP_CMP_MASKED_EQ, rule.mask, rule.value});
        REQUIRE(seccomp_rule_add_array(filter, group.action, seccomp_syscall_resolve_name(call.name),
                                       static_cast<unsigned>(compares.size()), compares.data()) == 0);
      }
  const Fd file{memfd_create("filter", MFD_CLOEXEC)};
  REQUIRE(seccomp_export_bpf(filter, file.get()) == 0);
  seccomp_release(filter);
  Program program(BPF_MAXINSNS);
  const auto size = pread(file.get(), program.data(), program.size() * sizeof(sock_filter), 0);
  program.resize(static_cast<std::size_t>(size) / sizeof(sock_filter));
  return program;
}

std::set<std::uint64_t> arguments_around(std::span<const FilteredCalls> groups) {
  std::set<std::uint64_t> values{0, 1, ~std::uint64_t{0}};
  for (const auto& group : groups)
    for (const auto& call : group.calls)
      for (const auto& rule : call.rules)
        values.insert({rule.value, rule.value | ~rule.mask, rule.value ^ 1U, rule.value + 1,
                       rule.value ^ std::uint64_t{1} << 40U});
  return values;
}

void compare(std::uint32_t otherwise, std::span<const FilteredCalls> groups) {
  const auto ours = filter_program(otherwise, groups);
  REQUIRE(ours);
  const auto theirs = of_libseccomp(otherwise, groups);
  const auto values = arguments_around(groups);
  std::vector<int> numbers{-1, 0x40000000, 0x40000001, 0x3fffffff};
  for (int number = 0; number < 600; ++number) numbers.push_back(number);
  std::size_t differences = 0;
  for (const int number : numbers)
    for (const auto first : values)
      for (const auto second : values) {
        const seccomp_data data{.nr = number,
                                .arch = seccomp_arch_native(),
                                .instruction_pointer = 0,
                                .args = {first, second, first, second, first, second}};
        if (verdict(*ours, data) != verdict(theirs, data)) ++differences;
      }
  CHECK(differences == 0);
  CHECK(ours->size() < 400);
}

const std::vector<AllowedCall> allowed{
    {"read"},
    {"write"},
    {"close"},
    {"recvmsg"},
    {"exit_group"},
    {"mmap", {int_argument_lacks(2, PROT_EXEC), {3, MAP_ANONYMOUS, MAP_ANONYMOUS}}},
    {"mprotect", {argument_lacks(2, PROT_EXEC)}},
    {"socket", {int_argument_is(0, 2), {1, 2, 0xf}}},
    {"socket", {int_argument_is(0, 10), {1, 1, 0xf}}},
    {"ioctl", {argument_is(1, 0x8000000012345678)}},
    {"fcntl", {int_argument_is(1, 3)}},
    {"sendmsg", {int_argument_is_not(0, 0)}},
    {"sendto", {int_argument_is(4, 0)}},
    {"sendto", {int_argument_is_not(4, 6), int_argument_is_not(5, -1)}},
    {"getrandom"}};
const std::vector<AllowedCall> deadly{{"execve"}, {"ptrace"}, {"setsockopt", {int_argument_is(1, 7)}}};

}  // namespace

TEST_CASE("a filter decides as libseccomp's does") {
  compare(SECCOMP_RET_KILL_PROCESS, std::array{FilteredCalls{SECCOMP_RET_ALLOW, allowed}});
  compare(SECCOMP_RET_ALLOW, std::array{FilteredCalls{SECCOMP_RET_KILL_PROCESS, deadly}});
  compare(SECCOMP_RET_ERRNO | 38U, std::array{FilteredCalls{SECCOMP_RET_KILL_PROCESS, deadly},
                                              FilteredCalls{SECCOMP_RET_ALLOW, allowed}});
  compare(SECCOMP_RET_KILL_PROCESS, {});
}

TEST_CASE("numbers of another architecture are calls of nobody") {
  const auto program =
      filter_program(SECCOMP_RET_ALLOW, std::array{FilteredCalls{SECCOMP_RET_ALLOW, allowed}});
  REQUIRE(program);
  seccomp_data data{};
  data.arch = seccomp_arch_native() ^ 1U;
  CHECK(run(*program, data) == SECCOMP_RET_KILL_PROCESS);
}

TEST_CASE("where two entries apply the first one counts") {
  const std::vector<AllowedCall> some{{"openat", {int_argument_is(2, 0)}}};
  const std::vector<AllowedCall> all{{"openat"}};
  const auto program = filter_program(
      SECCOMP_RET_ALLOW,
      std::array{FilteredCalls{SECCOMP_RET_KILL_PROCESS, some}, FilteredCalls{SECCOMP_RET_LOG, all}});
  REQUIRE(program);
  seccomp_data data{.nr = seccomp_syscall_resolve_name("openat"), .arch = seccomp_arch_native()};
  CHECK(run(*program, data) == SECCOMP_RET_KILL_PROCESS);
  data.args[2] = 1;
  CHECK(run(*program, data) == SECCOMP_RET_LOG);
}
