// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/spawn.hpp"

#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "base/os/fd.hpp"

// glibc 2.36 declares these for C alone.
extern "C" {
#include <sys/pidfd.h>
}

namespace gnomon::base {

namespace {

constexpr int first_descriptor = 3;

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  [[nodiscard]] posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

class Attributes {
 public:
  explicit Attributes(int priority) {
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    const sched_param parameters{.sched_priority = priority};
    posix_spawnattr_setschedpolicy(&attributes_, SCHED_FIFO);
    posix_spawnattr_setschedparam(&attributes_, &parameters);
    const int scheduled = priority > 0 ? POSIX_SPAWN_SETSCHEDULER : 0;
    posix_spawnattr_setflags(&attributes_,
                             static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | scheduled));
  }
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

// posix_spawn wants char*; it does not write to the strings.
std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (const auto& text : strings) result.push_back(const_cast<char*>(text.c_str()));  // NOLINT
  result.push_back(nullptr);
  return result;
}

// Copies above the range of the targets, so that no dup2 lands on a descriptor that is still to be moved, and
// none is its own target (which would keep close-on-exec).
OsResult<std::vector<Fd>> move_up(const std::vector<int>& descriptors) {
  const int above =
      first_descriptor + static_cast<int>(descriptors.size()) + 2;  // and move_program_out_of_sight
  return duplicates_of(descriptors, above);
}

OsResult<std::optional<ExitResult>> wait_with(const Child& child, int flags) {
  siginfo_t info{};
  int result = -1;
  do {
    result = waitid(P_PIDFD, static_cast<id_t>(child.pidfd.get()), &info, WEXITED | flags);
  } while (result != 0 && errno == EINTR);
  if (result != 0) return std::unexpected(last_error("waitid"));
  if (info.si_pid == 0) return std::nullopt;
  return ExitResult{info.si_code != CLD_EXITED, info.si_status};
}

std::string path_of_descriptor(int number) {
  return "/proc/self/fd/" + std::to_string(number);
}

// In place of the last descriptor, which is the program's file, one that is closed when it is executed: the
// lowest that is free keeps that.
std::string move_program_out_of_sight(FileActions& actions, int& next) {
  posix_spawn_file_actions_addopen(actions.get(), next, path_of_descriptor(next - 1).c_str(),
                                   O_PATH | O_CLOEXEC, 0);
  posix_spawn_file_actions_addclose(actions.get(), next - 1);
  return path_of_descriptor(next);
}

enum class From : std::uint8_t { path, file };

OsResult<Child> spawn_from(const Program& program, From from) {
  auto descriptors = program.descriptors;
  if (from == From::file) descriptors.push_back(program.file);
  const auto sources = move_up(descriptors);
  if (!sources) return std::unexpected(sources.error());
  FileActions actions;
  posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (program.standard_error >= 0)
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO})
      posix_spawn_file_actions_adddup2(actions.get(), program.standard_error, stream);
  int target = first_descriptor;
  for (const auto& source : *sources) posix_spawn_file_actions_adddup2(actions.get(), source.get(), target++);
  posix_spawn_file_actions_addclosefrom_np(actions.get(), target);
  const auto executed = from == From::file ? move_program_out_of_sight(actions, target) : program.path;

  std::vector<std::string> words{program.path};
  words.insert(words.end(), program.arguments.begin(), program.arguments.end());
  const Attributes attributes{program.priority};
  Child child;
  const int error = posix_spawn(&child.pid, executed.c_str(), actions.get(), attributes.get(),
                                pointers(words).data(), pointers(program.environment).data());
  if (error != 0) return std::unexpected(OsError{"posix_spawn", error});
  // Nobody else waits for it, so its pid cannot be another process by now.
  child.pidfd = Fd{pidfd_open(child.pid, 0)};
  if (!child.pidfd) return std::unexpected(last_error("pidfd_open"));
  return child;
}

}  // namespace

void reset_signals() {
  sigset_t none;
  sigemptyset(&none);
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction action{};  // handlers, those of a sanitizer for instance, stay
    if (sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN)
      std::signal(signal, SIG_DFL);
  }
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

OsResult<Child> spawn(const Program& program) {
  if (program.file < 0) return spawn_from(program, From::path);
  // A package that is upgraded has another version of the program under its name.
  auto child = spawn_from(program, From::file);
  const bool no_proc = !child && child.error().code == ENOENT && access("/proc/self/fd", F_OK) != 0;
  return no_proc ? spawn_from(program, From::path) : std::move(child);
}

OsResult<ExitResult> wait_for(const Child& child) {
  const auto result = wait_with(child, 0);
  if (!result) return std::unexpected(result.error());
  return result->value_or(ExitResult{});
}

OsResult<std::optional<ExitResult>> try_wait_for(const Child& child) {
  return wait_with(child, WNOHANG);
}

OsResult<void> send_signal(const Child& child, int signal) {
  if (pidfd_send_signal(child.pidfd.get(), signal, nullptr, 0) != 0)
    return std::unexpected(last_error("pidfd_send_signal"));
  return {};
}

std::string to_string(const ExitResult& result) {
  if (!result.by_signal) return "exited with status " + std::to_string(result.code);
  const char* const name = sigdescr_np(result.code);
  return "was killed by signal " + std::to_string(result.code) +
         (name == nullptr ? std::string{} : " (" + std::string{name} + ")");
}

std::vector<std::string> chosen_environment(std::initializer_list<const char*> names) {
  std::vector<std::string> chosen;
  for (const char* const name : names)
    if (const char* const value = std::getenv(name)) chosen.push_back(std::string{name} + "=" + value);
  return chosen;
}

}  // namespace gnomon::base
