// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/sources/source_task.hpp"

#include <boost/system/system_error.hpp>

#include <chrono>

#include "async/pause.hpp"
#include "base/os/clocks.hpp"
#include "base/os/random.hpp"
#include "base/secret.hpp"

namespace gnomon::core {

namespace {

using namespace asio::experimental::awaitable_operators;

constexpr auto forever = base::MonoTime::max();

// libstdc++'s steady_clock is CLOCK_MONOTONIC, as base::MonoClock.
std::chrono::steady_clock::time_point to_steady(base::MonoTime time) {
  return std::chrono::steady_clock::time_point{time.time_since_epoch()};
}

}  // namespace

SourceTask::SourceTask(SourceServices& services, engine::Association association)
    : services_(services), association_(std::move(association)), timer_(services.io) {}

asio::awaitable<void> SourceTask::run() {
  auto step = resume(engine::Started{});
  while (!std::holds_alternative<engine::Finish>(step.action)) {
    const auto event = co_await carry_out(std::move(step.action));
    co_await end_if_cancelled();
    step = resume(event);
  }
}

engine::Step SourceTask::resume(const engine::Event& event) {
  engine::StepEntropy entropy{};
  base::fill_random(entropy);
  auto step = association_.resume(event, base::read_now(), entropy);
  base::wipe(entropy);
  if (!std::holds_alternative<engine::Listen>(step.action)) socket_.reset();
  services_.on_step(*this, step);
  return step;
}

void SourceTask::interrupt(const engine::Interrupt& interrupt) {
  interrupts_.push_back(interrupt);
  timer_.expires_at(std::chrono::steady_clock::time_point::min());
}

void SourceTask::arm(base::MonoTime until) {
  // An interrupt may have come while the last event was handled.
  timer_.expires_at(interrupts_.empty() ? to_steady(until) : std::chrono::steady_clock::time_point::min());
}

engine::Event SourceTask::interrupted() {
  if (interrupts_.empty()) throw boost::system::system_error{asio::error::operation_aborted};
  const auto interrupt = interrupts_.front();
  interrupts_.pop_front();
  return interrupt;
}

asio::awaitable<engine::Event> SourceTask::carry_out(engine::Action action) {
  if (const auto* order = std::get_if<engine::LoadKept>(&action))
    co_return services_.load_kept(order->ke_server);
  if (auto* order = std::get_if<engine::Resolve>(&action)) co_return co_await resolve(std::move(*order));
  if (auto* order = std::get_if<engine::Establish>(&action)) co_return co_await establish(std::move(*order));
  if (auto* order = std::get_if<engine::Exchange>(&action)) co_return co_await exchange(std::move(*order));
  if (const auto* order = std::get_if<engine::Listen>(&action)) co_return co_await listen(order->give_up);
  co_return co_await wait(std::get<engine::Wait>(action));
}

asio::awaitable<engine::Event> SourceTask::wait(engine::Wait order) {
  arm(order.until);
  const auto [error] = co_await timer_.async_wait(tok);
  if (!interrupts_.empty() || error) co_return interrupted();
  co_return engine::Woken{};
}

asio::awaitable<engine::Event> SourceTask::resolve(engine::Resolve order) {
  arm(forever);
  auto outcome =
      co_await (services_.resolver.resolve(std::move(order.name), order.family) || timer_.async_wait(tok));
  if (outcome.index() == 1) co_return interrupted();
  auto& resolved = std::get<0>(outcome);
  resolved.addresses = services_.usable(*this, std::move(resolved.addresses));
  co_return std::move(resolved);
}

asio::awaitable<engine::Event> SourceTask::establish(engine::Establish order) {
  arm(forever);
  auto outcome = co_await (services_.ke.establish(std::move(order)) || timer_.async_wait(tok));
  if (outcome.index() == 1) co_return interrupted();
  auto& session = std::get<0>(outcome);
  if (!session) co_return engine::EstablishFailed{session.error()};
  co_return engine::Established{std::move(*session)};
}

base::OsResult<void> SourceTask::open_and_send(engine::Exchange& order) {
  socket_.reset();
  auto opened =
      ExchangeSocket::open(services_.io, order.to, services_.client, services_.dscp, services_.acquisition);
  if (!opened) return std::unexpected(opened.error());
  socket_.emplace(std::move(*opened));
  asked_ = std::move(order.request);
  if (services_.own_requests != nullptr) services_.own_requests->asked(asked_);
  return socket_->send(asked_);
}

asio::awaitable<engine::Event> SourceTask::exchange(engine::Exchange order) {
  if (const auto sent = open_and_send(order); !sent) {
    services_.on_send_failed(*this, sent.error());
    co_return engine::Silence{.send_failed = true};
  }
  co_return co_await listen(order.give_up);
}

asio::awaitable<engine::Event> SourceTask::listen(base::MonoTime give_up) {
  arm(give_up);
  while (socket_) {
    // An answer that is there already shows in the waiting, and only then is there anything to read.
    const auto outcome = co_await (socket_->readable() || timer_.async_wait(tok));
    if (!interrupts_.empty()) co_return interrupted();
    if (outcome.index() == 1) {
      const auto [error] = std::get<1>(outcome);
      if (error) co_return interrupted();
      break;
    }
    if (auto received = socket_->receive()) {
      received->ours = services_.own_requests != nullptr &&
                       services_.own_requests->answered_by_us(asked_, received->datagram);
      co_return *received;
    }
  }
  co_return engine::Silence{};
}

}  // namespace gnomon::core
