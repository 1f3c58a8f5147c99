// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/faults/inject/stacks.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <filesystem>

namespace gnomon::faults {

namespace {

constexpr std::size_t most_frames = 24;

// No debug information is looked for: the tables that exceptions use are in the programs themselves.
int find_no_debuginfo(Dwfl_Module* /*module*/, void** /*data*/, const char* /*name*/, Dwarf_Addr /*base*/,
                      const char* /*file*/, const char* /*link*/, GElf_Word /*crc*/, char** /*found*/) {
  return -1;
}

const Dwfl_Callbacks callbacks{.find_elf = dwfl_linux_proc_find_elf, .find_debuginfo = find_no_debuginfo};

int add_frame(Dwfl_Frame* state, void* argument) {
  auto& addresses = *static_cast<std::vector<Dwarf_Addr>*>(argument);
  Dwarf_Addr address = 0;
  bool is_activation = false;
  if (!dwfl_frame_pc(state, &address, &is_activation)) return DWARF_CB_ABORT;
  // A return address may be the first of the next function.
  addresses.push_back(is_activation ? address : address - 1);
  return addresses.size() < most_frames ? DWARF_CB_OK : DWARF_CB_ABORT;
}

StackFrame to_frame(Dwfl* dwfl, Dwarf_Addr address) {
  StackFrame frame{.module = "?", .offset = 0, .address = address};
  auto* const module = dwfl_addrmodule(dwfl, address);
  if (module == nullptr) return frame;
  Dwarf_Addr start = 0;
  const char* const name =
      dwfl_module_info(module, nullptr, &start, nullptr, nullptr, nullptr, nullptr, nullptr);
  frame.module = std::filesystem::path{name == nullptr ? "?" : name}.filename();
  frame.offset = address - start;
  return frame;
}

}  // namespace

Dwfl* Stacks::look_at(pid_t process) {
  auto& known = known_[process];
  if (known) return known.get();
  known.reset(dwfl_begin(&callbacks));
  dwfl_linux_proc_report(known.get(), process);
  dwfl_report_end(known.get(), nullptr, nullptr);
  if (dwfl_linux_proc_attach(known.get(), process, true) != 0) known.reset();
  return known.get();
}

std::vector<StackFrame> Stacks::of(pid_t process, pid_t thread) {
  std::vector<StackFrame> frames;
  auto* const dwfl = look_at(process);
  if (dwfl == nullptr) return frames;
  std::vector<Dwarf_Addr> addresses;
  dwfl_getthread_frames(dwfl, thread, add_frame, &addresses);
  for (const auto address : addresses) frames.push_back(to_frame(dwfl, address));
  return frames;
}

std::string Stacks::name_of(pid_t process, const StackFrame& frame) {
  auto* const dwfl = look_at(process);
  auto* const module = dwfl == nullptr ? nullptr : dwfl_addrmodule(dwfl, frame.address);
  const char* const name = module == nullptr ? nullptr : dwfl_module_addrname(module, frame.address);
  if (name == nullptr) return frame.module;
  int status = 0;
  char* const plain = abi::__cxa_demangle(name, nullptr, nullptr, &status);
  std::string result = status == 0 && plain != nullptr ? plain : name;
  std::free(plain);  // NOLINT: it is malloc'ed
  return result;
}

}  // namespace gnomon::faults
