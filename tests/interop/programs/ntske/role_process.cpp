// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/interop/programs/ntske/role_process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace gnomon::testing {
namespace {

constexpr int above_all_targets = 32;

// Descriptors first go out of the way, then to their places: a target may be another's source.
[[noreturn]] void become(std::vector<std::string>& words, int errors, std::vector<int> sources) {
  for (int& source : sources) source = ::fcntl(source, F_DUPFD_CLOEXEC, above_all_targets);
  ::dup2(errors, STDERR_FILENO);
  int target = ipc::role_channel_fd;
  for (const int source : sources) ::dup2(source, target++);
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

template <class Address>
Listener listen_at(Address address) {
  base::Fd fd{::socket(reinterpret_cast<sockaddr*>(&address)->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd.get(), generic, size) != 0 || ::listen(fd.get(), 1024) != 0 ||
      ::getsockname(fd.get(), generic, &size) != 0)
    throw std::runtime_error("no loopback listener");
  base::Endpoint endpoint;
  if constexpr (std::is_same_v<Address, sockaddr_in>)
    endpoint = {*base::parse_address("127.0.0.1"), ntohs(address.sin_port)};
  else
    endpoint = {*base::parse_address("::1"), ntohs(address.sin6_port)};
  return {std::move(fd), endpoint};
}

}  // namespace

Listener listen_on_loopback(base::AddressFamily family) {
  if (family == base::AddressFamily::ipv6) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    return listen_at(address);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return listen_at(address);
}

base::Endpoint unused_endpoint() {
  return listen_on_loopback().endpoint;  // closed again here
}

RoleProcess::RoleProcess(std::vector<std::string> words, const std::vector<int>& inherited) {
  const char* const another = std::getenv("GNOMON_NTSKE");
  words.insert(words.begin(), another != nullptr ? another : GNOMON_NTSKE);
  std::array<int, 2> channel{};
  std::array<int, 2> errors{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel.data()) != 0 ||
      ::pipe2(errors.data(), O_CLOEXEC) != 0)
    fail("no socketpair");
  channel_ = base::Fd{channel[0]};
  errors_ = base::Fd{errors[0]};
  const base::Fd theirs{channel[1]};
  const base::Fd their_errors{errors[1]};
  std::vector<int> sources{theirs.get()};
  sources.insert(sources.end(), inherited.begin(), inherited.end());
  pid_ = ::fork();
  if (pid_ == 0) become(words, their_errors.get(), sources);
  if (pid_ < 0) fail("no child");
}

RoleProcess::~RoleProcess() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void RoleProcess::fail(const std::string& what) {
  throw std::runtime_error(what);
}

void RoleProcess::send_octets(base::Bytes datagram) {
  if (::send(channel_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL) < 0) fail("the role is gone");
}

base::Buffer RoleProcess::receive_octets() {
  pollfd readable{.fd = channel_.get(), .events = POLLIN, .revents = 0};
  const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(timeout);
  if (::poll(&readable, 1, static_cast<int>(limit.count())) != 1) fail("nothing came from the role");
  base::Buffer datagram(ipc::max_frame_size);
  const auto size = ::recv(channel_.get(), datagram.data(), datagram.size(), 0);
  if (size <= 0) fail("the role closed its channel: " + said());
  datagram.resize(static_cast<std::size_t>(size));
  return datagram;
}

int RoleProcess::wait() {
  int status = 0;
  ::waitpid(std::exchange(pid_, -1), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string RoleProcess::said() {
  std::string text;
  std::array<char, 1024> piece{};
  for (;;) {
    const auto size = ::read(errors_.get(), piece.data(), piece.size());
    if (size <= 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(size));
  }
}

ipc::KeServerSetup server_setup(std::vector<ipc::CertificatePair> certificates) {
  ipc::KeServerSetup setup;
  setup.listeners = {4};
  setup.certificates = std::move(certificates);
  setup.aeads = {30, 15};
  setup.access = {{.allow = true, .subnet = {}, .all = true}};
  return setup;
}

std::vector<std::string> words_of(const ipc::KeServerSetup& setup) {
  auto words = ipc::to_arguments(setup);
  words.insert(words.begin(), "server");
  return words;
}

std::vector<std::string> words_of(const ipc::KeClientSetup& setup) {
  auto words = ipc::to_arguments(setup);
  words.insert(words.begin(), "client");
  return words;
}

}  // namespace gnomon::testing
