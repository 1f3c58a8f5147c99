// SPDX-License-Identifier: GPL-2.0-or-later
// The calls that wait: for descriptors or for time alone.
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <csignal>
#include <vector>

#include "tests/sim/interpose/machine.hpp"
#include "tests/sim/interpose/real.hpp"

using gnomon::interpose::Machine;
using gnomon::interpose::returned;

namespace {

double seconds(const timespec& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
}

// poll() of virtual and real descriptors together.
int wait_poll(std::vector<pollfd> descriptors, pollfd* results, double timeout) {
  GNOMON_REAL(poll);
  Machine& machine = Machine::instance();
  std::vector<pollfd> kernels = descriptors;  // with ours left out
  for (auto& k : kernels)
    if (machine.is_virtual(k.fd)) k.fd = -1;
  const bool any_real =
      std::any_of(kernels.begin(), kernels.end(), [](const pollfd& k) { return k.fd >= 0; });
  const auto ask = [&](int ms) {
    int count = any_real || ms != 0 ? real_poll(kernels.data(), kernels.size(), ms) : 0;
    if (count < 0) return count;
    for (std::size_t i = 0; i < descriptors.size(); ++i) {
      results[i].revents = kernels[i].fd >= 0 ? kernels[i].revents : short{0};
      if (kernels[i].fd >= 0 || descriptors[i].fd < 0) continue;
      const auto wanted = static_cast<unsigned>(static_cast<unsigned short>(descriptors[i].events)) | POLLERR;
      results[i].revents = static_cast<short>(machine.events(descriptors[i].fd) & wanted);
      if (results[i].revents != 0) ++count;
    }
    return count;
  };
  return machine.wait(timeout, [&ask] { return ask(0); }, [&ask] { ask(-1); });
}

void add_set(std::vector<pollfd>& all, int count, const fd_set* set, short event) {
  for (int fd = 0; set != nullptr && fd < count; ++fd) {
    if (!FD_ISSET(fd, set)) continue;
    const auto known = std::find_if(all.begin(), all.end(), [fd](const pollfd& p) { return p.fd == fd; });
    if (known != all.end())
      known->events = static_cast<short>(known->events | event);
    else
      all.push_back({fd, event, 0});
  }
}

int take_set(const std::vector<pollfd>& all, fd_set* set, short asked, short holds) {
  if (set == nullptr) return 0;
  FD_ZERO(set);
  int count = 0;
  for (const auto& p : all) {
    if ((p.events & asked) == 0 || (p.revents & holds) == 0) continue;
    FD_SET(p.fd, set);
    ++count;
  }
  return count;
}

int wait_select(int count, fd_set* reads, fd_set* writes, fd_set* exceptions, double timeout) {
  std::vector<pollfd> all;
  add_set(all, count, reads, POLLIN);
  add_set(all, count, writes, POLLOUT);
  add_set(all, count, exceptions, POLLPRI);
  const int result = wait_poll(all, all.data(), timeout);
  if (result < 0) return result;
  return take_set(all, reads, POLLIN, POLLIN | POLLHUP) + take_set(all, writes, POLLOUT, POLLOUT) +
         take_set(all, exceptions, POLLPRI, POLLPRI);
}

int sleep_for(double time) {
  Machine::instance().wait(time, [] { return 0; }, [] {});
  return 0;
}

// Of one epoll: our descriptors that have something to tell.
int virtual_events(Machine& machine, int epoll, epoll_event* events, int most) {
  int count = 0;
  for (const auto& [descriptor, wanted] : machine.watched_by(epoll)) {
    if (count == most) break;
    const std::uint32_t holds = machine.events(descriptor) & (wanted.events | EPOLLERR);
    const bool edge = (wanted.events & EPOLLET) != 0;
    if (holds == 0 || (edge && !machine.is_news(epoll, descriptor))) continue;
    machine.set_news(epoll, descriptor, false);
    events[count].events = holds;
    events[count++].data = wanted.data;
  }
  return count;
}

int wait_epoll(int epoll, epoll_event* events, int most, double timeout) {
  GNOMON_REAL(epoll_wait);
  Machine& machine = Machine::instance();
  const auto ready = [&] {
    const int ours = virtual_events(machine, epoll, events, most);
    const int kernels = ours < most ? real_epoll_wait(epoll, events + ours, most - ours, 0) : 0;
    return kernels < 0 && ours == 0 ? kernels : ours + std::max(kernels, 0);
  };
  const auto block = [&] {
    pollfd readable{epoll, POLLIN, 0};
    GNOMON_REAL(poll);
    real_poll(&readable, 1, -1);
  };
  return machine.wait(timeout, ready, block);
}

}  // namespace

GNOMON_INTERPOSED int poll(pollfd* descriptors, nfds_t count, int timeout) {
  return wait_poll({descriptors, descriptors + count}, descriptors, timeout < 0 ? -1 : timeout * 1e-3);
}

// Where a program was compiled with _FORTIFY_SOURCE.
// NOLINTNEXTLINE(bugprone-reserved-identifier): glibc names it so
GNOMON_INTERPOSED int __poll_chk(pollfd* descriptors, nfds_t count, int timeout, size_t) {
  return poll(descriptors, count, timeout);
}

GNOMON_INTERPOSED int ppoll(pollfd* descriptors, nfds_t count, const timespec* timeout, const sigset_t*) {
  return wait_poll({descriptors, descriptors + count}, descriptors,
                   timeout == nullptr ? -1 : seconds(*timeout));
}

// NOLINTNEXTLINE(bugprone-reserved-identifier): glibc names it so
GNOMON_INTERPOSED int __ppoll_chk(pollfd* descriptors, nfds_t count, const timespec* timeout,
                                  const sigset_t* mask, size_t) {
  return ppoll(descriptors, count, timeout, mask);
}

GNOMON_INTERPOSED int select(int count, fd_set* reads, fd_set* writes, fd_set* exceptions, timeval* timeout) {
  return wait_select(count, reads, writes, exceptions, timeout == nullptr ? -1 : seconds(*timeout));
}

GNOMON_INTERPOSED int pselect(int count, fd_set* reads, fd_set* writes, fd_set* exceptions,
                              const timespec* timeout, const sigset_t*) {
  return wait_select(count, reads, writes, exceptions, timeout == nullptr ? -1 : seconds(*timeout));
}

GNOMON_INTERPOSED int epoll_wait(int epoll, epoll_event* events, int most, int timeout) {
  return wait_epoll(epoll, events, most, timeout < 0 ? -1 : timeout * 1e-3);
}

GNOMON_INTERPOSED int epoll_pwait(int epoll, epoll_event* events, int most, int timeout, const sigset_t*) {
  return epoll_wait(epoll, events, most, timeout);
}

GNOMON_INTERPOSED int epoll_pwait2(int epoll, epoll_event* events, int most, const timespec* timeout,
                                   const sigset_t*) {
  return wait_epoll(epoll, events, most, timeout == nullptr ? -1 : seconds(*timeout));
}

GNOMON_INTERPOSED int epoll_ctl(int epoll, int operation, int descriptor, epoll_event* event) {
  GNOMON_REAL(epoll_ctl);
  Machine& machine = Machine::instance();
  if (!machine.is_virtual(descriptor)) return real_epoll_ctl(epoll, operation, descriptor, event);
  auto& watched = machine.watched_by(epoll);
  const bool known = watched.contains(descriptor);
  if (known == (operation == EPOLL_CTL_ADD)) return returned(known ? -EEXIST : -ENOENT);
  if (operation == EPOLL_CTL_DEL)
    watched.erase(descriptor);
  else
    watched[descriptor] = *event;
  machine.set_news(epoll, descriptor, operation != EPOLL_CTL_DEL);
  return 0;
}

GNOMON_INTERPOSED int clock_nanosleep(clockid_t id, int flags, const timespec* time, timespec* left) {
  double duration = seconds(*time);
  if ((flags & TIMER_ABSTIME) != 0) duration -= seconds(Machine::instance().read(id));
  if (left != nullptr) *left = {};
  return sleep_for(std::max(duration, 0.0));
}

GNOMON_INTERPOSED int nanosleep(const timespec* time, timespec* left) {
  return clock_nanosleep(CLOCK_MONOTONIC, 0, time, left);
}

GNOMON_INTERPOSED unsigned sleep(unsigned time) {
  sleep_for(time);
  return 0;
}

GNOMON_INTERPOSED int usleep(useconds_t time) {
  return sleep_for(time * 1e-6);
}
