// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/faults/inject/tracer.hpp"

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "tests/faults/inject/calls.hpp"

namespace gnomon::faults {

namespace {

constexpr unsigned long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                                  PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
constexpr int syscall_stop = SIGTRAP | 0x80;

volatile std::sig_atomic_t told = 0;  // a signal for the program
void tell(int number) {
  told = number;
}

long trace(int request, pid_t thread, unsigned long data = 0, void* address = nullptr) {
  return ptrace(static_cast<__ptrace_request>(request), thread, address, data);  // NOLINT: ptrace is variadic
}

long trace(int request, pid_t thread, user_regs_struct& registers) {
  return ptrace(static_cast<__ptrace_request>(request), thread, nullptr, &registers);
}

pid_t process_of(pid_t thread) {
  std::ifstream file{fmt::format("/proc/{}/status", thread)};
  for (std::string word; file >> word;)
    if (word == "Tgid:") {
      pid_t process = 0;
      file >> process;
      return process;
    }
  return thread;
}

std::string program_of(pid_t thread) {
  std::error_code gone;
  return std::filesystem::read_symlink(fmt::format("/proc/{}/exe", thread), gone).filename();
}

// Where the loader works the programs are not at fault, and after a fault there is nobody to say anything.
bool is_in_loader(const std::vector<StackFrame>& stack) {
  for (const auto& frame : stack)
    if (frame.module.starts_with("ld-linux")) return true;
  return false;
}

std::string hash_of(const std::vector<StackFrame>& stack) {
  std::uint64_t hash = 14695981039346656037ULL;
  const auto mix = [&hash](unsigned char c) { hash = (hash ^ c) * 1099511628211ULL; };
  for (const auto& frame : stack)
    for (const char c : fmt::format("{}+{:x};", frame.module, frame.offset))
      mix(static_cast<unsigned char>(c));
  return fmt::format("{:016x}", hash);
}

int exit_status(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

pid_t start(char* const* program) {
  const pid_t child = fork();
  if (child != 0) return child;
  raise(SIGSTOP);
  execv(program[0], program);
  _exit(127);
}

}  // namespace

int Tracer::run(char* const* program) {
  struct sigaction action{};
  action.sa_handler = tell;  // NOLINT: a union of the C library
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaction(number, &action, nullptr);
  first_ = start(program);
  int status = 0;
  waitpid(first_, &status, WUNTRACED);
  if (trace(PTRACE_SEIZE, first_, options) != 0) {
    fmt::print(stderr, "cannot trace: {}\n", std::strerror(errno));
    kill(first_, SIGKILL);
    return 127;
  }
  kill(first_, SIGCONT);
  fmt::print(report_, "pid {}\n", first_);
  std::fflush(report_);
  know(first_);
  while (!threads_.empty()) {
    const pid_t thread = waitpid(-1, &status, __WALL);
    if (const int number = told; number != 0) {
      told = 0;
      kill(first_, number);
    }
    if (thread > 0 && WIFSTOPPED(status)) on_stop(thread, status);
    if (thread > 0 && !WIFSTOPPED(status)) on_end(thread, status);
    if (thread < 0 && errno == ECHILD) break;
  }
  return status_;
}

Tracer::Thread& Tracer::know(pid_t thread) {
  const auto at = threads_.find(thread);
  if (at != threads_.end()) return at->second;
  return threads_[thread] = {.process = process_of(thread), .program = program_of(thread)};
}

void Tracer::on_stop(pid_t thread, int status) {
  auto& known = know(thread);
  const int signal = WSTOPSIG(status);
  const int event = status >> 16;
  if (event != 0) return on_event(thread, event);
  if (signal != syscall_stop) {
    trace(PTRACE_SYSCALL, thread, static_cast<unsigned long>(signal));
    return;
  }
  known.in_call = !known.in_call;
  if (known.in_call)
    on_call(thread, known);
  else
    on_return(thread, known);
  trace(PTRACE_SYSCALL, thread);
}

void Tracer::on_event(pid_t thread, int event) {
  if (event == PTRACE_EVENT_EXEC) {
    auto& known = know(thread);
    stacks_.forget(known.process);
    known.program = program_of(thread);
  }
  trace(PTRACE_SYSCALL, thread);
}

bool Tracer::is_to_fail(pid_t thread, const Thread& known, long number) {
  if (!fault_ || fault_->call != number || fault_->program != known.program) return false;
  if (hash_of(stacks_.of(known.process, thread)) != fault_->site) return false;
  return --fault_->occurrence == 0;
}

void Tracer::list(pid_t thread, const Thread& known, long number) {
  const auto stack = stacks_.of(known.process, thread);
  if (is_in_loader(stack)) return;
  const auto site = fmt::format("{} {} {}", known.program, name_of_call(number), hash_of(stack));
  if (!listed_.insert(site).second) return;
  fmt::print(report_, "site {}", site);
  for (const auto& frame : stack) fmt::print(report_, "\t{}", stacks_.name_of(known.process, frame));
  fmt::print(report_, "\n");
}

void Tracer::on_call(pid_t thread, Thread& known) {
  user_regs_struct registers{};
  if (trace(PTRACE_GETREGS, thread, registers) != 0) return;
  const auto number = static_cast<long>(registers.orig_rax);
  // A library may have been loaded.
  if (number == SYS_mmap && (registers.rdx & 4U) != 0) stacks_.forget(known.process);
  if (name_of_call(number).empty()) return;
  if (!fault_) return list(thread, known, number);
  known.fails = is_to_fail(thread, known, number);
  if (!known.fails) return;
  fmt::print(report_, "hit\n");
  std::fflush(report_);
  if (number == SYS_close) return;  // closes whatever it returns, as Linux does
  known.first = registers.rdi;
  known.second = registers.rsi;
  registers.orig_rax = SYS_clock_gettime;
  registers.rdi = registers.rsi = 0;
  trace(PTRACE_SETREGS, thread, registers);
}

void Tracer::on_return(pid_t thread, Thread& known) {
  if (!known.fails) return;
  known.fails = false;
  user_regs_struct registers{};
  trace(PTRACE_GETREGS, thread, registers);
  if (fault_->call != SYS_close) {
    registers.rdi = known.first;
    registers.rsi = known.second;
    registers.orig_rax = static_cast<unsigned long long>(fault_->call);
  }
  registers.rax = static_cast<unsigned long long>(-static_cast<long long>(fault_->error));
  trace(PTRACE_SETREGS, thread, registers);
}

void Tracer::on_end(pid_t thread, int status) {
  const auto at = threads_.find(thread);
  if (at == threads_.end()) return;
  if (at->second.process == thread) {
    fmt::print(report_, "{} {} {}\n", WIFSIGNALED(status) ? "died" : "exited", at->second.program,
               WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    std::fflush(report_);
    stacks_.forget(thread);
  }
  if (thread == first_) status_ = exit_status(status);
  threads_.erase(at);
}

}  // namespace gnomon::faults
