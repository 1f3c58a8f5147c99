// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/sandbox/filter_program.hpp"

#include <linux/seccomp.h>
#include <seccomp.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <map>
#include <utility>

namespace gnomon::base {

namespace {

using Instructions = std::vector<sock_filter>;

constexpr std::uint16_t load_word = BPF_LD | BPF_W | BPF_ABS;
constexpr std::uint16_t jump_if_equal = BPF_JMP | BPF_JEQ | BPF_K;
constexpr std::uint16_t jump_if_at_least = BPF_JMP | BPF_JGE | BPF_K;
constexpr std::uint16_t jump = BPF_JMP | BPF_JA;
constexpr std::uint16_t mask_with = BPF_ALU | BPF_AND | BPF_K;
constexpr std::uint16_t result = BPF_RET | BPF_K;
constexpr std::size_t longest_branch = 255;

constexpr std::uint32_t x32_bit = 0x40000000;
constexpr std::uint32_t no_call = 0xffffffff;  // what a debugger makes of one that is to be left out

sock_filter instruction(std::uint16_t code, std::uint32_t value) {
  return {.code = code, .jt = 0, .jf = 0, .k = value};
}
sock_filter branch(std::uint16_t code, std::uint32_t value, std::size_t if_so, std::size_t if_not) {
  return {.code = code,
          .jt = static_cast<std::uint8_t>(if_so),
          .jf = static_cast<std::uint8_t>(if_not),
          .k = value};
}

// Elsewhere some calls are parts of another one (socketcall).
bool is_supported(std::uint32_t architecture) {
  constexpr std::array simple{SCMP_ARCH_X86_64, SCMP_ARCH_AARCH64, SCMP_ARCH_RISCV64};
  return std::ranges::find(simple, architecture) != simple.end();
}

struct Alternative {
  std::span<const ArgumentRule> rules;
  std::uint32_t action;
};
// By number; what is of no number here cannot be called.
using Alternatives = std::map<std::uint32_t, std::vector<Alternative>>;

Alternatives by_number(std::span<const FilteredCalls> calls) {
  Alternatives found;
  for (const auto& group : calls)
    for (const auto& call : group.calls)
      if (const int number = seccomp_syscall_resolve_name(call.name); number >= 0)
        found[static_cast<std::uint32_t>(number)].push_back({call.rules, group.action});
  return found;
}

// One half of an argument, which the kernel keeps in the processor's order; nothing where every value will
// do.
void compare_half(Instructions& program, const ArgumentRule& rule, bool upper) {
  const auto half = [upper](std::uint64_t value) {
    return static_cast<std::uint32_t>(upper ? value >> 32U : value);
  };
  if (half(rule.mask) == 0 && half(rule.value) == 0) return;
  const bool is_second = upper == (std::endian::native == std::endian::little);
  const auto at = offsetof(seccomp_data, args) + rule.index * sizeof(std::uint64_t) +
                  (is_second ? sizeof(std::uint32_t) : 0);
  program.push_back(instruction(load_word, static_cast<std::uint32_t>(at)));
  if (half(rule.mask) != UINT32_MAX) program.push_back(instruction(mask_with, half(rule.mask)));
  // Where to: see below.
  program.push_back(rule.differs ? branch(jump_if_equal, half(rule.value), longest_branch, 0)
                                 : branch(jump_if_equal, half(rule.value), 0, longest_branch));
}

// What is decided when all rules hold; otherwise the next alternative begins behind it.
Instructions program_of(const Alternative& alternative) {
  Instructions program;
  for (const auto& rule : alternative.rules)
    for (const bool upper : {true, false}) compare_half(program, rule, upper);
  program.push_back(instruction(result, alternative.action));
  for (std::size_t i = 0; i < program.size(); ++i) {
    const auto behind = static_cast<std::uint8_t>(program.size() - i - 1);
    if (program[i].jt == longest_branch) program[i].jt = behind;
    if (program[i].jf == longest_branch) program[i].jf = behind;
  }
  return program;
}

Instructions program_of(const std::vector<Alternative>& alternatives, std::uint32_t otherwise) {
  Instructions program;
  for (const auto& alternative : alternatives) {
    const auto one = program_of(alternative);
    program.insert(program.end(), one.begin(), one.end());
  }
  program.push_back(instruction(result, otherwise));
  return program;
}

// Calls from this number on, until the next range begins, are decided by this program.
struct Range {
  std::uint32_t first;
  Instructions program;
};

bool same(const Instructions& one, const Instructions& other) {
  return std::ranges::equal(one, other, [](const sock_filter& a, const sock_filter& b) {
    return a.code == b.code && a.jt == b.jt && a.jf == b.jf && a.k == b.k;
  });
}

std::vector<Range> ranges_of(const Alternatives& calls, std::uint32_t otherwise) {
  const Instructions rest{instruction(result, otherwise)};
  std::vector<Range> ranges{{0, rest}};
  const auto add = [&ranges](std::uint32_t first, Instructions program) {
    if (ranges.back().first == first) ranges.pop_back();
    if (ranges.empty() || !same(ranges.back().program, program))
      ranges.push_back({first, std::move(program)});
  };
  for (const auto& [number, alternatives] : calls) {
    const bool always = alternatives.front().rules.empty();
    add(number, always ? program_of(alternatives.front()) : program_of(alternatives, otherwise));
    add(number + 1, rest);
  }
  return ranges;
}

// A tree of comparisons, whose leaves jump to the programs behind it or hold those that are one instruction.
// False: it has a branch that is too long.
class Tree {
 public:
  explicit Tree(std::span<const Range> ranges) : ranges_(ranges) {}
  bool write(Instructions& program) {
    const auto start = program.size();
    if (!write(program, 0, ranges_.size())) return false;
    for (const auto& [leaf, range] : leaves_) {
      program[leaf].k = static_cast<std::uint32_t>(program.size() - leaf - 1);
      program.insert(program.end(), ranges_[range].program.begin(), ranges_[range].program.end());
    }
    return program.size() - start <= BPF_MAXINSNS;
  }

 private:
  bool write(Instructions& program, std::size_t from, std::size_t to) {
    if (to - from == 1) {
      const auto& decided = ranges_[from].program;
      if (decided.size() > 1) leaves_.emplace_back(program.size(), from);
      program.push_back(decided.size() > 1 ? instruction(jump, 0) : decided.front());
      return true;
    }
    const auto middle = from + (to - from) / 2;
    const auto node = program.size();
    program.push_back(instruction(jump_if_at_least, ranges_[middle].first));
    if (!write(program, from, middle)) return false;
    const auto lower = program.size() - node - 1;
    program[node].jt = static_cast<std::uint8_t>(lower);
    return lower <= longest_branch && write(program, middle, to);
  }

  std::span<const Range> ranges_;
  std::vector<std::pair<std::size_t, std::size_t>> leaves_;  // where, and of which range
};

// Other architectures' numbers mean other calls.
Instructions check_architecture(std::uint32_t architecture) {
  Instructions program{
      instruction(load_word, offsetof(seccomp_data, arch)), branch(jump_if_equal, architecture, 1, 0),
      instruction(result, SECCOMP_RET_KILL_PROCESS), instruction(load_word, offsetof(seccomp_data, nr))};
  if (architecture != SCMP_ARCH_X86_64) return program;
  program.push_back(branch(jump_if_at_least, x32_bit, 0, 2));
  program.push_back(branch(jump_if_equal, no_call, 1, 0));
  program.push_back(instruction(result, SECCOMP_RET_KILL_PROCESS));
  return program;
}

}  // namespace

std::vector<AllowedCall> without_differences(const AllowedCall& call) {
  const auto found = std::ranges::find_if(call.rules, &ArgumentRule::differs);
  if (found == call.rules.end()) return {call};
  std::vector<AllowedCall> calls;
  for (std::uint64_t bit = 1; bit <= found->mask; bit <<= 1U) {
    if ((bit & found->mask) == 0) continue;
    auto one = call;
    one.rules[static_cast<std::size_t>(found - call.rules.begin())] = {found->index, ~found->value & bit,
                                                                       bit};
    const auto more = without_differences(one);
    calls.insert(calls.end(), more.begin(), more.end());
  }
  return calls;
}

std::optional<std::vector<sock_filter>> filter_program(std::uint32_t otherwise,
                                                       std::span<const FilteredCalls> calls) {
  const auto architecture = seccomp_arch_native();
  if (!is_supported(architecture)) return std::nullopt;
  auto program = check_architecture(architecture);
  const auto ranges = ranges_of(by_number(calls), otherwise);
  if (!Tree{ranges}.write(program)) return std::nullopt;
  return program;
}

}  // namespace gnomon::base
