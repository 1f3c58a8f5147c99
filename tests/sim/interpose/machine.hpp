// SPDX-License-Identifier: GPL-2.0-or-later
// The machine that the interposed process believes to run on: clock, network, sockets and timers in virtual
// time. There is one, made at the first call that needs it: whoever replaces functions of libc has nowhere to
// pass it through.
#pragma once

#include <sys/epoll.h>

#include <functional>
#include <map>
#include <string>

#include "tests/sim/interpose/sockets.hpp"

namespace gnomon::interpose {

// From the environment: GNOMON_SIM_SCENARIO (a name of scenarios.cpp), GNOMON_SIM_SEED, GNOMON_SIM_UNTIL
// (true seconds) and GNOMON_SIM_FREQUENCY (s/s that the oscillator gains), both otherwise the scenario's own,
// GNOMON_SIM_STOP (true seconds: SIGTERM then; otherwise never) and GNOMON_SIM_OUTPUT (a file).
struct Wish {
  simulation::Scenario scenario{};
  TrueTime true_time{};
  std::uint64_t seed = 1;
  std::string output;
  double stop = 0;  // true s
};
[[nodiscard]] Wish read_environment();

class Machine {
 public:
  explicit Machine(Wish wish);
  static Machine& instance();

  [[nodiscard]] KernelClock& clock() { return clock_; }
  // A clock is read: that takes a moment of virtual time, so that whoever waits by reading it gets on.
  timespec read(clockid_t id);
  void fill_random(std::uint8_t* octets, std::size_t size);

  void open(int descriptor) { sockets_[descriptor] = {}; }
  void close(int descriptor);
  [[nodiscard]] UdpSocket* socket(int descriptor);
  [[nodiscard]] Timer* timer(int descriptor);
  void open_timer(int descriptor, clockid_t clock) { timers_[descriptor] = {.clock = clock}; }
  void bind(UdpSocket& socket, std::uint16_t port);
  // The number of octets, or a negative errno.
  ssize_t send(int descriptor, const msghdr& message);
  // Events of a virtual descriptor that hold now, as poll(2) has them.
  [[nodiscard]] unsigned events(int descriptor);
  [[nodiscard]] bool is_virtual(int descriptor);

  using Watched = std::map<int, epoll_event>;
  [[nodiscard]] Watched& watched_by(int epoll) { return epolls_[epoll]; }
  // An edge-triggered watcher has been told; until something new happens it is not told again.
  [[nodiscard]] bool is_news(int epoll, int descriptor) const { return news_.contains({epoll, descriptor}); }
  void set_news(int epoll, int descriptor, bool news);

  // Lets time pass until `ready` gives other than 0, which is the result, or the time-out (local seconds;
  // negative: none) is over: 0. Nothing to wait for in virtual time: `block` waits in the real world.
  int wait(double timeout, const std::function<int()>& ready, const std::function<void()>& block);

 private:
  void advance(double t);
  void deliver();
  void expire_timers();
  [[nodiscard]] double next_event() const;
  [[nodiscard]] double true_time_of(double monotonic) const;
  void tell_watchers(int descriptor);
  void finish();

  Wish wish_;
  KernelClock clock_;
  Network network_;
  std::mt19937_64 random_;
  std::map<int, UdpSocket> sockets_{};
  std::map<int, Timer> timers_{};
  std::map<int, Watched> epolls_{};
  std::map<std::pair<int, int>, bool> news_{};
  std::uint16_t next_port_ = 32768;
  std::vector<float> record_{};
  bool stopped_ = false;
};

}  // namespace gnomon::interpose
