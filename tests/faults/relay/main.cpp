// SPDX-License-Identifier: GPL-2.0-or-later
// A role's stand-in: lies under the role's name beside a gnomond of a test, and starts the real one, which
// the link `real-NAME` beside it leads to. The launcher's environment does not reach us; see rule.hpp and
// relay.hpp for the files.
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "base/os/channel.hpp"
#include "ipc/role_setup.hpp"
#include "tests/faults/relay/relay.hpp"

using namespace gnomon;

namespace {

std::vector<std::string> environment() {
  std::vector<std::string> all;
  for (char** each = environ; *each != nullptr; ++each) all.emplace_back(*each);
  return all;
}

// All that the launcher gave, in its order, with another channel.
std::vector<int> descriptors(int channel) {
  std::vector<int> all{channel};
  for (int fd = ipc::role_channel_fd + 1; fcntl(fd, F_GETFD) >= 0; ++fd)
    if ((fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0) all.push_back(fd);
  return all;
}

// gnomond lets nothing be executed but what bears a role's name, that is us, and the loader.
std::string loader() {
  Dl_info found{};
  const auto address = getauxval(AT_BASE);
  return dladdr(reinterpret_cast<void*>(address), &found) != 0 ? found.dli_fname
                                                               : "";  // NOLINT: the kernel's word
}

std::vector<std::string> loaded(const std::string& program, const std::vector<std::string>& words) {
  std::vector<std::string> all{program};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

}  // namespace

int main(int count, char** arguments) {
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGPIPE}) std::signal(number, SIG_IGN);
  const std::filesystem::path own{arguments[0]};
  const std::vector<std::string> words{arguments + 1, arguments + count};
  auto role = own.filename().string();
  if (role == "gnomon-ntske" && !words.empty()) role += "-" + words.front();
  auto channel = base::make_channel();
  if (!channel) return 1;
  const auto real = own.parent_path() / ("real-" + own.filename().string());
  const auto child = base::spawn({.path = loader(),
                                  .arguments = loaded(std::filesystem::read_symlink(real), words),
                                  .descriptors = descriptors(channel->theirs.get()),
                                  .environment = environment()});
  if (!child) return 1;
  channel->theirs.close();
  // They are the role's now.
  for (int fd = ipc::role_channel_fd + 1; fcntl(fd, F_GETFD) >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0;
       ++fd)
    close(fd);
  faults::Relay relay{own.parent_path(), role, {ipc::role_channel_fd, std::move(channel->ours)}, *child};
  return relay.run();
}
