// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/refclock/sock_driver.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>

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

class Sock final : public Driver {
 public:
  explicit Sock(base::Fd socket) : socket_(std::move(socket)) {}
  // What was wrong since the last poll; samples come by read().
  std::expected<void, Failure> poll(Readings& /*readings*/) override {
    const auto fault = std::exchange(fault_, std::nullopt);
    if (!fault) return {};
    return std::unexpected(Failure{text_of(*fault) + "; such are ignored"});
  }
  [[nodiscard]] int descriptor() const override { return socket_.get(); }
  std::expected<void, Failure> read(Readings& readings) override {
    for (int i = 0; i < most_at_once; ++i) {
      std::array<std::uint8_t, sock_sample_size + 1> space{};
      const auto size = recv(socket_.get(), space.data(), space.size(), MSG_DONTWAIT);
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) break;
      const auto reading = parse_sock_sample(base::Bytes{space}.first(static_cast<std::size_t>(size)));
      if (reading)
        readings.push_back(*reading);
      else
        fault_ = reading.error();
    }
    return {};
  }
  void add_calls(base::CallList& calls) const override {
    calls.push_back({"recvfrom", {base::int_argument_is(0, socket_.get())}});
  }

 private:
  base::Fd socket_;
  std::optional<SockFault> fault_;
};

}  // namespace

Opened open_sock(base::Fd socket) {
  if (!socket) return std::unexpected(Failure{.what = "its socket could not be made", .told = true});
  return std::make_unique<Sock>(std::move(socket));
}

}  // namespace gnomon::refclock
