// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/faults/relay/relay.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <utility>

#include <fmt/format.h>

namespace gnomon::faults {

namespace {

// A message that waits for the next one goes on alone after that.
constexpr int longest_hold_ms = 1000;

// The rule is for the first process of a role only: what takes its place is to heal.
std::optional<Rule> rule_for(const std::string& folder, const std::string& role) {
  auto rule = read_rule(folder + "/rule");
  if (!rule || rule->role != role) return std::nullopt;
  const base::Fd first{
      open((folder + "/used-" + role).c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644)};
  return first ? rule : std::nullopt;
}

void falsify(Message& message, const Rule& rule) {
  auto& octets = message.octets;
  const auto size = static_cast<int>(octets.size());
  const int place = rule.value < 0 ? size + rule.value : std::min(rule.value, size - 1);
  if (rule.action == Action::corrupt) octets.at(static_cast<std::size_t>(place)) ^= 0xffU;
  if (rule.action == Action::retype) octets.at(1) = static_cast<std::uint8_t>(rule.value);
  if (rule.action == Action::truncate)
    octets.resize(static_cast<std::size_t>(std::min(rule.value, size - 1)));
  if (rule.action == Action::extend)
    octets.resize(octets.size() + static_cast<std::size_t>(rule.value), 0x5a);
  if (rule.action == Action::descriptor)
    message.descriptor = base::Fd{open("/dev/null", O_RDONLY | O_CLOEXEC)};
  if (rule.action == Action::strip) message.descriptor = {};
}

}  // namespace

Relay::Relay(std::string folder, std::string role, Ends ends, const base::Child& child)
    : folder_(std::move(folder)),
      role_(std::move(role)),
      ends_(std::move(ends)),
      child_(child),
      rule_(rule_for(folder_, role_)) {
  if (role_ == "gnomon-core") std::ofstream{folder_ + "/core.pid"} << child_.pid << "\n";
}

void Relay::note(const std::string& line) const {
  const base::Fd file{open((folder_ + "/passed").c_str(), O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0644)};
  const auto text = fmt::format("{} {}\n", role_, line);
  [[maybe_unused]] const auto written = write(file.get(), text.data(), text.size());
}

int Relay::run() {
  while (true) {
    std::array<pollfd, 3> watched{{{ends_.outside, POLLIN, 0},
                                   {up_closed_ ? -1 : ends_.inside.get(), POLLIN, 0},
                                   {child_.pidfd.get(), POLLIN, 0}}};
    const int ready = poll(watched.data(), watched.size(), held_ ? longest_hold_ms : -1);
    if (ready == 0) flush_held();
    if (watched[1].revents != 0)
      pass(true);
    else if (watched[2].revents != 0)
      return end();
    if (watched[0].revents != 0) pass(false);
  }
}

void Relay::pass(bool up) {
  auto message = take(up ? ends_.inside.get() : ends_.outside);
  if (message) return treat(std::move(*message), up);
  flush_held();
  if (up) up_closed_ = true;
  // The role learns that its channel has ended, and ends; so do we then.
  shutdown(up ? ends_.outside : ends_.inside.get(), up ? SHUT_RDWR : SHUT_WR);
  if (!up) ends_.outside = -1;
}

void Relay::forward(const Message& message, bool up) {
  put(up ? ends_.outside : ends_.inside.get(), message);
}

void Relay::flush_held() {
  if (!held_) return;
  const auto message = std::exchange(held_, std::nullopt);
  forward(*message, held_up_);
}

void Relay::treat(Message message, bool up) {
  const int number = ++counts_[up ? 1 : 0];
  const int type = message.octets.size() > 1 ? message.octets[1] : -1;
  note(fmt::format("{} {} {} {} {}", up ? "up" : "down", number, type, message.octets.size(),
                   message.descriptor ? 1 : 0));
  if (!rule_ || rule_->up != up || rule_->number != number) {
    forward(message, up);
    if (held_ && held_up_ == up) flush_held();
    return;
  }
  note("treated");
  mistreat(std::move(message), up);
}

void Relay::mistreat(Message message, bool up) {
  switch (rule_->action) {
    case Action::drop:
      return;
    case Action::duplicate:
      forward(message, up);
      break;
    case Action::reorder:
      held_ = std::move(message);
      held_up_ = up;
      return;
    case Action::delay:
      poll(nullptr, 0, rule_->value);
      break;
    case Action::flood:
      for (int i = 1; i < rule_->value; ++i) forward(message, up);
      break;
    case Action::kill_before:
      return kill_role();
    case Action::kill_after:
      forward(message, up);
      return kill_role();
    case Action::kill_core_before:
      kill_core();
      break;
    case Action::kill_core_after:
      forward(message, up);
      return kill_core();
    default:
      falsify(message, *rule_);
  }
  forward(message, up);
}

void Relay::kill_role() {
  kill(child_.pid, SIGKILL);
}

void Relay::kill_core() {
  std::ifstream file{folder_ + "/core.pid"};
  if (pid_t core = 0; file >> core && core > 1) kill(core, SIGKILL);
}

int Relay::end() {
  const auto result = base::wait_for(child_);
  if (!result) return 1;
  note(fmt::format("{} {}", result->by_signal ? "died" : "exited", result->code));
  if (!result->by_signal) return result->code;
  // The launcher is to see what has happened; without a second core file.
  const rlimit none{};
  setrlimit(RLIMIT_CORE, &none);
  std::signal(result->code, SIG_DFL);
  raise(result->code);
  return 1;
}

}  // namespace gnomon::faults
