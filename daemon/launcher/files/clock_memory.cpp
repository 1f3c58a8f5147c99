// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/clock_memory.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "base/os/file.hpp"
#include "daemon/launcher/files/kept_memory.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::launcher {
namespace {

constexpr const char* clock_memory_name = "clock-memory";

// Empty: systemd has given us no directory of our own in /run.
std::string kept_file() {
  const char* const directories = std::getenv("RUNTIME_DIRECTORY");
  const std::string all{directories == nullptr ? "" : directories};
  const auto first = all.substr(0, all.find(':'));
  return first.empty() ? first : first + "/" + clock_memory_name;
}

// What the last end has left, once.
std::string take_file() {
  const auto path = kept_file();
  const auto content = path.empty() ? base::OsResult<std::string>{} : base::read_file(path);
  if (!content || content->empty()) return {};
  base::remove_file(path);
  return content->size() == ipc::clock_memory_size ? *content : std::string{};
}

}  // namespace

base::OsResult<base::Fd> open_clock_memory(std::vector<base::ActivatedSocket>& inherited) {
  const bool stored =
      std::ranges::find(inherited, clock_memory_name, &base::ActivatedSocket::name) != inherited.end();
  const auto left = take_file();
  auto memory = open_kept_memory(clock_memory_name, ipc::clock_memory_size, inherited);
  if (!memory || stored || left.empty()) return memory;
  if (pwrite(memory->get(), left.data(), left.size(), 0) != static_cast<ssize_t>(left.size()))
    return std::unexpected(base::last_error("pwrite"));
  return memory;
}

base::OsResult<void> keep_clock_memory(int memory) {
  const auto path = kept_file();
  if (path.empty() || memory < 0) return {};
  std::string content(ipc::clock_memory_size, '\0');
  if (pread(memory, content.data(), content.size(), 0) != static_cast<ssize_t>(content.size()))
    return std::unexpected(base::last_error("pread"));
  return base::write_file_atomically(path, content, 0600);
}

void forget_clock_memory() {
  forget_kept_memory(clock_memory_name);
}

}  // namespace gnomon::launcher
