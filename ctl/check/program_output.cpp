// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/program_output.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/os/fd.hpp"
#include "base/os/spawn.hpp"

namespace gnomon::ctl {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_output = 1U << 20U;

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// -1: it could not be started.
pid_t start(const std::string& program, const std::vector<std::string>& words, int output) {
  std::vector<std::string> arguments{program};
  arguments.insert(arguments.end(), words.begin(), words.end());
  // Where trusted authorities are, and what a sanitizer build is told by.
  auto variables = base::chosen_environment(
      {"SSL_CERT_FILE", "SSL_CERT_DIR", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS"});
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = -1;
  const int failed = posix_spawn(&pid, program.c_str(), &actions, nullptr, pointers_to(arguments).data(),
                                 pointers_to(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  return failed == 0 ? pid : -1;
}

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 4096> block{};
  for (;;) {
    const auto count = read(descriptor, block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0 || text.size() > longest_output) return text;
    text.append(block.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

std::optional<std::string> installed_program(const std::string& name, const std::string& folder_in_build) {
  std::error_code error;
  const auto own = fs::read_symlink("/proc/self/exe", error);
  const auto built = own.parent_path().parent_path() / folder_in_build / name;
  if (!error && own.parent_path().filename() == "ctl" && fs::exists(built, error)) return built.string();
  const auto installed = fs::path{GNOMON_LIBEXEC_DIR} / name;
  return fs::exists(installed, error) ? std::optional{installed.string()} : std::nullopt;
}

std::optional<std::string> output_of(const std::string& program, const std::vector<std::string>& words) {
  auto pipe = base::make_pipe(base::Blocking::yes);
  if (!pipe) return std::nullopt;
  const pid_t pid = start(program, words, pipe->writer.get());
  pipe->writer.close();
  if (pid < 0) return std::nullopt;
  auto text = read_all(pipe->reader.get());
  pipe->reader.close();
  int status = 0;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return std::nullopt;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return std::nullopt;
  return text;
}

}  // namespace gnomon::ctl
