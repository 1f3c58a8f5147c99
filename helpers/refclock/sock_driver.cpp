// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/refclock/sock_driver.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.hpp"
#include "helpers/refclock/sock_sample.hpp"

namespace gnomon::refclock {

namespace {

constexpr int most_at_once = 64;

std::string text_of(SockFault fault) {
  switch (fault) {
    case SockFault::size:
      return "a datagram of another length came, from a program that does not speak the SOCK protocol";
    case SockFault::magic:
      return "a datagram without the mark of the SOCK protocol came";
    case SockFault::time:
      return "a sample with an impossible time came";
    case SockFault::offset:
      break;
  }
  return "a sample whose offset is no number, or far too large, came";
}

struct Sample {
  ssize_t size = -1;          // below 0: none
  std::optional<uid_t> user;  // of who sent it, as the kernel says
};

// Descriptors that nobody has asked for have no room, and are closed by the kernel.
Sample receive(int socket, base::MutableBytes into) {
  struct alignas(cmsghdr) {
    std::array<char, CMSG_SPACE(sizeof(ucred))> octets{};
  } control;
  iovec payload{into.data(), into.size()};
  msghdr header{};
  header.msg_iov = &payload;
  header.msg_iovlen = 1;
  header.msg_control = control.octets.data();
  header.msg_controllen = control.octets.size();
  Sample sample{.size = recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC), .user = {}};
  if (sample.size < 0) return sample;
  for (auto* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    ucred sender{};
    if (part->cmsg_level != SOL_SOCKET) continue;
    if (part->cmsg_type == SCM_CREDENTIALS && part->cmsg_len == CMSG_LEN(sizeof sender)) {
      std::memcpy(&sender, CMSG_DATA(part), sizeof sender);
      sample.user = sender.uid;
    } else if (part->cmsg_type == SCM_RIGHTS) {
      for (std::size_t at = CMSG_LEN(0); at + sizeof(int) <= part->cmsg_len; at += sizeof(int)) {
        int descriptor = -1;
        std::memcpy(&descriptor, CMSG_DATA(part) + (at - CMSG_LEN(0)), sizeof descriptor);  // NOLINT
        const base::Fd closed{descriptor};
      }
    }
  }
  return sample;
}

class Sock final : public Driver {
 public:
  Sock(base::Fd socket, uid_t own) : socket_(std::move(socket)), own_(own) {}
  // What was wrong since the last poll; samples come by read().
  std::expected<void, Failure> poll(Readings& /*readings*/) override {
    const auto fault = std::exchange(fault_, std::nullopt);
    if (!fault) return {};
    return std::unexpected(Failure{*fault + "; such are ignored"});
  }
  [[nodiscard]] int descriptor() const override { return socket_.get(); }
  std::expected<void, Failure> read(Readings& readings) override {
    for (int i = 0; i < most_at_once; ++i) {
      std::array<std::uint8_t, sock_sample_size + 1> space{};
      const auto sample = receive(socket_.get(), space);
      if (sample.size < 0 && errno == EINTR) continue;
      if (sample.size < 0) break;
      if (is_one_of_us(sample.user)) {
        fault_ = "a sample came from a process of the daemon's own user, none of which has a clock";
        continue;
      }
      const auto reading = parse_sock_sample(base::Bytes{space}.first(static_cast<std::size_t>(sample.size)));
      if (reading)
        readings.push_back(*reading);
      else
        fault_ = text_of(reading.error());
    }
    return {};
  }
  void add_calls(base::CallList& calls) const override {
    calls.push_back({"recvmsg", {base::int_argument_is(0, socket_.get())}});
  }

 private:
  // A role that was taken over would set the clock this way.
  [[nodiscard]] bool is_one_of_us(std::optional<uid_t> user) const { return own_ != 0 && user == own_; }

  base::Fd socket_;
  uid_t own_;
  std::optional<std::string> fault_;
};

}  // namespace

Opened open_sock(base::Fd socket, uid_t own) {
  if (!socket) return std::unexpected(Failure{.what = "its socket could not be made", .told = true});
  return std::make_unique<Sock>(std::move(socket), own);
}

}  // namespace gnomon::refclock
