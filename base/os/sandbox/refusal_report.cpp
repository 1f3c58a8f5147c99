// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/sandbox/refusal_report.hpp"

#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <system_error>
#include <thread>

#include "base/os/fd.hpp"
#include "base/os/log.hpp"

namespace gnomon::base {

namespace {

// What there is to know of each call, collected while memory can still be had.
struct CallFacts {
  std::string name;
  std::array<bool, 6> filtered{};  // the arguments that the list looks at
};
constexpr int call_count = 1024;  // above the highest number of any architecture

std::vector<CallFacts> collect_facts(std::span<const AllowedCall> allowed) {
  std::vector<CallFacts> facts(call_count);
  for (int number = 0; number < call_count; ++number) {
    char* const name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
    if (name == nullptr) continue;
    facts[static_cast<std::size_t>(number)].name = name;
    std::free(name);  // NOLINT: malloc'ed by libseccomp
  }
  for (const auto& call : allowed) {
    const int number = seccomp_syscall_resolve_name(call.name);
    if (number < 0 || number >= call_count) continue;
    for (const auto& rule : call.rules)
      facts[static_cast<std::size_t>(number)].filtered.at(rule.index) = true;
  }
  return facts;
}

class Reporter {
 public:
  Reporter(const char* who, std::vector<CallFacts> facts)
      : who_(who), facts_(std::move(facts)), log_(STDERR_FILENO, log_format_of(STDERR_FILENO)) {}

  void report(const seccomp_data& call) {
    const auto number = static_cast<std::size_t>(call.nr);
    const CallFacts& facts = number < facts_.size() ? facts_[number] : unknown_;
    Seen seen{.number = call.nr};
    for (std::size_t i = 0; i < seen.arguments.size(); ++i)
      if (facts.filtered.at(i)) seen.arguments.at(i) = call.args[i];
    const auto end = seen_.begin() + static_cast<std::ptrdiff_t>(seen_count_);
    if (seen_count_ == seen_.size() || std::find(seen_.begin(), end, seen) != end) return;
    seen_.at(seen_count_++) = seen;
    say(call, facts);
  }

 private:
  struct Seen {
    int number = 0;
    std::array<std::uint64_t, 6> arguments{};
    bool operator==(const Seen&) const = default;
  };

  void say(const seccomp_data& call, const CallFacts& facts) {
    std::array<char, 400> line{};
    std::array<char, 200> arguments{};
    std::size_t length = 0;
    for (std::size_t i = 0; i < facts.filtered.size(); ++i)
      if (facts.filtered.at(i) && length < arguments.size())
        length += static_cast<std::size_t>(std::snprintf(&arguments.at(length), arguments.size() - length,
                                                         "%s %zu: %#llx", length == 0 ? ", argument" : ",", i,
                                                         static_cast<unsigned long long>(call.args[i])));
    std::snprintf(line.data(), line.size(),
                  "%s makes a system call that its list does not allow: %s (number %d%s); carried out, since "
                  "-F -1 only reports. Without it the call would fail or end the process: please report it",
                  who_, facts.name.empty() ? "unknown" : facts.name.c_str(), call.nr, arguments.data());
    log_.write(LogEvent::system_call_refused, line.data());
  }

  const char* who_;
  std::vector<CallFacts> facts_;
  CallFacts unknown_;
  StreamLog log_;
  std::array<Seen, 64> seen_{};  // each is told once, and no more than these
  std::size_t seen_count_ = 0;
};

int receive_listener(int from) {
  int listener = -1;
  while (read(from, &listener, sizeof listener) < 0 && errno == EINTR) {
  }
  return listener;
}

void watch_calls(int from, Reporter reporter, std::atomic<bool>& running) {
  running = true;
  const int listener = receive_listener(from);
  while (true) {
    seccomp_notif notice{};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notice) != 0) {
      if (errno == EINTR || errno == ENOENT) continue;  // the thread that called is gone
      receive_listener(from);                           // nothing to be done: sleep for good
      continue;
    }
    reporter.report(notice.data);
    seccomp_notif_resp answer{
        .id = notice.id, .val = 0, .error = 0, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
  }
}

}  // namespace

OsResult<RefusalReporter> RefusalReporter::start(const char* who, std::span<const AllowedCall> allowed) {
  auto pipe = make_pipe(Blocking::yes);
  if (!pipe) return std::unexpected(pipe.error());
  try {
    // What a thread begins with must be behind it when the filter comes.
    std::atomic<bool> running = false;
    std::thread{watch_calls, pipe->reader.get(), Reporter{who, collect_facts(allowed)}, std::ref(running)}
        .detach();
    while (!running) std::this_thread::yield();
  } catch (const std::system_error& error) {
    return std::unexpected(OsError{"pthread_create", error.code().value()});
  }
  // For as long as the process lives.
  return RefusalReporter{pipe->reader.release(), pipe->writer.release()};
}

std::vector<AllowedCall> RefusalReporter::own_calls() const {
  return {{"read", {int_argument_is(0, reading_)}},
          {"write", {int_argument_is(0, writing_)}},
          {"write", {int_argument_is(0, STDERR_FILENO)}},
          {"ioctl", {int_argument_is(1, static_cast<int>(SECCOMP_IOCTL_NOTIF_RECV))}},
          {"ioctl", {int_argument_is(1, static_cast<int>(SECCOMP_IOCTL_NOTIF_SEND))}}};
}

OsResult<void> RefusalReporter::watch(int listener) const {
  if (listener < 0) return std::unexpected(OsError{"seccomp_notify_fd", EINVAL});
  if (write(writing_, &listener, sizeof listener) != sizeof listener)
    return std::unexpected(last_error("write"));
  return {};
}

}  // namespace gnomon::base
