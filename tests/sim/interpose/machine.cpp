// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/interpose/machine.hpp"

#include <fcntl.h>
#include <linux/net_tstamp.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <utility>

namespace gnomon::interpose {

namespace {

constexpr double reading_takes = 50e-9;                          // s
constexpr std::int64_t midnight_ns = 1'814'400'000'000'000'000;  // 2027-07-01, where seconds are inserted

[[noreturn]] void give_up(const char* what, const char* value) {
  std::fprintf(stderr, "gnomon-interpose: %s: \"%s\"\n", what, value);
  _exit(99);
}

double number(const char* name, double otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtod(value, nullptr);
}

const char* variable(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

}  // namespace

Wish read_environment() {
  const std::string name = variable("GNOMON_SIM_SCENARIO", "lan");
  auto all = simulation::scenarios();
  std::ranges::move(simulation::scenarios_of_daemons(), std::back_inserter(all));
  const auto found = std::find_if(all.begin(), all.end(), [&name](const auto& s) { return s.name == name; });
  if (found == all.end()) give_up("GNOMON_SIM_SCENARIO names no scenario", name.c_str());
  Wish wish{*found};
  wish.seed = std::strtoull(variable("GNOMON_SIM_SEED", "1"), nullptr, 10);
  wish.output = variable("GNOMON_SIM_OUTPUT", "");
  wish.scenario.until = number("GNOMON_SIM_UNTIL", wish.scenario.until);
  wish.scenario.oscillator.frequency = number("GNOMON_SIM_FREQUENCY", wish.scenario.oscillator.frequency);
  wish.stop = number("GNOMON_SIM_STOP", std::numeric_limits<double>::infinity());
  if (!(wish.scenario.until >= 1))
    give_up("GNOMON_SIM_UNTIL is not a number of seconds", variable("GNOMON_SIM_UNTIL", ""));
  wish.true_time.leap = wish.scenario.leap;
  if (wish.scenario.leap > 0) wish.true_time.epoch_ns = midnight_ns - std::llround(wish.scenario.leap * 1e9);
  return wish;
}

Machine::Machine(Wish wish)
    : wish_(std::move(wish)),
      clock_(wish_.scenario.oscillator, wish_.true_time, wish_.seed + 1000),
      network_(wish_.scenario, wish_.true_time, wish_.seed),
      random_(wish_.seed + 2000) {
  record_.reserve(static_cast<std::size_t>(wish_.scenario.until) * 3);
}

Machine& Machine::instance() {
  static Machine& machine = *new Machine(read_environment());  // never destroyed: the process may end anyhow
  return machine;
}

void Machine::finish() {
  if (!wish_.output.empty()) {
    const int file = ::open(wish_.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    const auto size = record_.size() * sizeof(float);
    if (file < 0 || ::write(file, record_.data(), size) != static_cast<ssize_t>(size))
      give_up("cannot write the record", wish_.output.c_str());
  }
  _exit(0);
}

void Machine::advance(double t) {
  clock_.advance(t, [this](double error, double rate_error) {
    record_.insert(record_.end(), {static_cast<float>(error), static_cast<float>(rate_error),
                                   static_cast<float>(network_.requests())});
    if (static_cast<double>(record_.size()) >= 3 * wish_.stop && !std::exchange(stopped_, true))
      std::raise(SIGTERM);
    if (static_cast<double>(record_.size()) >= 3 * wish_.scenario.until) finish();
  });
  expire_timers();
  deliver();
}

timespec Machine::read(clockid_t id) {
  advance(clock_.now() + reading_takes);
  return clock_.read(id);
}

void Machine::fill_random(std::uint8_t* octets, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) octets[i] = static_cast<std::uint8_t>(random_());
}

UdpSocket* Machine::socket(int descriptor) {
  const auto found = sockets_.find(descriptor);
  return found == sockets_.end() ? nullptr : &found->second;
}

Timer* Machine::timer(int descriptor) {
  const auto found = timers_.find(descriptor);
  return found == timers_.end() ? nullptr : &found->second;
}

bool Machine::is_virtual(int descriptor) {
  return socket(descriptor) != nullptr || timer(descriptor) != nullptr;
}

void Machine::close(int descriptor) {
  sockets_.erase(descriptor);
  timers_.erase(descriptor);
  epolls_.erase(descriptor);
  for (auto& [epoll, watched] : epolls_) watched.erase(descriptor);
  std::erase_if(news_, [descriptor](const auto& n) {
    return n.first.first == descriptor || n.first.second == descriptor;
  });
}

void Machine::set_news(int epoll, int descriptor, bool news) {
  if (news)
    news_[{epoll, descriptor}] = true;
  else
    news_.erase({epoll, descriptor});
}

void Machine::tell_watchers(int descriptor) {
  for (const auto& [epoll, watched] : epolls_)
    if (watched.contains(descriptor)) set_news(epoll, descriptor, true);
}

void Machine::bind(UdpSocket& socket, std::uint16_t port) {
  socket.port = port;
  if (port != 0) return;
  socket.port = next_port_++;
  if (next_port_ == 0) next_port_ = 32768;
}

ssize_t Machine::send(int descriptor, const msghdr& message) {
  UdpSocket& socket = sockets_.at(descriptor);
  if (message.msg_name == nullptr && !socket.peer) return -EDESTADDRREQ;
  if (socket.port == 0) bind(socket, 0);
  const auto to =
      message.msg_name != nullptr ? *static_cast<const sockaddr_in*>(message.msg_name) : *socket.peer;
  Octets payload;
  for (std::size_t i = 0; i < message.msg_iovlen; ++i) {
    const auto* const part = static_cast<const std::uint8_t*>(message.msg_iov[i].iov_base);
    payload.insert(payload.end(), part, part + message.msg_iov[i].iov_len);
  }
  network_.send(clock_.now(), socket.port, to, payload);
  const auto size = static_cast<ssize_t>(payload.size());
  if (((socket.stamping | stamping_asked(message)) & SOF_TIMESTAMPING_TX_SOFTWARE) != 0) {
    socket.departed.push_back({socket.sent++, clock_.read(CLOCK_REALTIME), to, std::move(payload)});
    tell_watchers(descriptor);
  }
  return size;
}

unsigned Machine::events(int descriptor) {
  if (const Timer* t = timer(descriptor)) return t->expired > 0 ? POLLIN : 0U;
  const UdpSocket* s = socket(descriptor);
  if (s == nullptr) return 0;
  unsigned events = POLLOUT;
  if (!s->arrived.empty()) events |= POLLIN;
  if (!s->departed.empty()) events |= POLLERR | POLLPRI;
  return events;
}

void Machine::deliver() {
  while (auto datagram = network_.arrived(clock_.now())) {
    for (auto& [descriptor, socket] : sockets_) {
      const bool ours = socket.port == datagram->to_port &&
                        (!socket.peer || (socket.peer->sin_addr.s_addr == datagram->from.sin_addr.s_addr &&
                                          socket.peer->sin_port == datagram->from.sin_port));
      if (!ours) continue;
      socket.arrived.push_back({std::move(*datagram), clock_.read(CLOCK_REALTIME)});
      tell_watchers(descriptor);
      break;
    }
  }
}

void Machine::expire_timers() {
  for (auto& [descriptor, timer] : timers_) {
    while (timer.at > 0 && timer.at <= clock_.monotonic()) {
      ++timer.expired;
      timer.at = timer.interval > 0 ? timer.at + timer.interval : 0;
      tell_watchers(descriptor);
    }
  }
}

// The clock's rate changes at whole seconds: exact once less than one is left.
double Machine::true_time_of(double monotonic) const {
  const double left = std::max(monotonic - clock_.monotonic(), 0.0) / clock_.rate();
  return clock_.now() + (left > 1 ? std::min(left * 0.9999, left - 0.5) : left + 1e-9);
}

double Machine::next_event() const {
  double next = network_.next_arrival();
  for (const auto& [descriptor, timer] : timers_)
    if (timer.at > 0) next = std::min(next, true_time_of(timer.at));
  return next;
}

int Machine::wait(double timeout, const std::function<int()>& ready, const std::function<void()>& block) {
  const double end = clock_.monotonic() + timeout;
  while (true) {
    if (const int result = ready(); result != 0) return result;
    if (timeout >= 0 && clock_.monotonic() >= end) return 0;
    const double next =
        std::min(next_event(), timeout >= 0 ? true_time_of(end) : std::numeric_limits<double>::infinity());
    if (std::isfinite(next))
      advance(next);
    else
      block();
  }
}

}  // namespace gnomon::interpose
