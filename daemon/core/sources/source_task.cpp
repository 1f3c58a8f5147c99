// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/sources/source_task.hpp"

#include <boost/system/system_error.hpp>

#include <array>
#include <utility>

#include "async/loop.hpp"
#include "base/os/random.hpp"
#include "base/secret.hpp"

namespace gnomon::core {

namespace {

using namespace asio::experimental::awaitable_operators;

constexpr auto forever = base::MonoTime::max();

bool goes_on_listening(const engine::Action& action) {
  const auto* const exchange = std::get_if<engine::Exchange>(&action);
  return std::holds_alternative<engine::Listen>(action) ||
         (exchange != nullptr && exchange->port == engine::Port::same);
}

}  // namespace

SourceTask::SourceTask(SourceServices& services, engine::Association association)
    : services_(services), association_(std::move(association)), timer_(services.loop) {}

asio::awaitable<engine::Step> SourceTask::next() {
  if (!std::exchange(started_, true)) co_return resume(engine::Started{});
  const auto event = co_await carry_out(std::move(action_));
  co_await async::end_if_cancelled();
  co_return resume(event);
}

engine::Step SourceTask::resume(const engine::Event& event) {
  engine::StepEntropy entropy{};
  base::fill_random(entropy);
  const auto now = services_.loop.now();
  if (association_.is_peer()) association_.describe_us(services_.our_clock(now));
  auto step = association_.resume(event, now, entropy);
  base::wipe(entropy);
  if (!goes_on_listening(step.action)) socket_.reset();
  action_ = std::move(step.action);
  return step;
}

void SourceTask::interrupt(const engine::Interrupt& interrupt) {
  interrupts_.push_back(interrupt);
  timer_.expires_at_once();
}

void SourceTask::arm(base::MonoTime until) {
  // An interrupt may have come while the last event was handled.
  timer_.expires_at(interrupts_.empty() ? until : base::MonoTime::min());
}

engine::Event SourceTask::interrupted() {
  if (interrupts_.empty()) throw boost::system::system_error{asio::error::operation_aborted};
  const auto interrupt = interrupts_.front();
  interrupts_.pop_front();
  return interrupt;
}

asio::awaitable<engine::Event> SourceTask::carry_out(engine::Action action) {
  if (const auto* kept = std::get_if<engine::LoadKept>(&action))
    co_return services_.load_kept(kept->ke_server);
  if (auto* name = std::get_if<engine::Resolve>(&action)) co_return co_await resolve(std::move(*name));
  if (auto* keys = std::get_if<engine::Establish>(&action)) co_return co_await establish(std::move(*keys));
  if (auto* request = std::get_if<engine::Exchange>(&action))
    co_return co_await exchange(std::move(*request));
  if (const auto* more = std::get_if<engine::Listen>(&action)) co_return co_await listen(more->give_up);
  co_return co_await wait(std::get<engine::Wait>(action));
}

asio::awaitable<engine::Event> SourceTask::wait(engine::Wait wanted) {
  arm(wanted.until);
  const bool in_time = co_await timer_.wait();
  if (!interrupts_.empty() || !in_time) co_return interrupted();
  co_return engine::Woken{};
}

asio::awaitable<engine::Event> SourceTask::resolve(engine::Resolve wanted) {
  if (!interrupts_.empty()) co_return interrupted();  // it would be given up at once
  arm(forever);
  auto outcome =
      co_await (services_.resolver.resolve(std::move(wanted.name), wanted.family) || timer_.wait());
  if (outcome.index() == 1) co_return interrupted();
  auto& resolved = std::get<0>(outcome);
  const bool found = !resolved.addresses.empty();
  resolved.addresses = services_.usable(*this, std::move(resolved.addresses));
  if (found && resolved.addresses.empty()) resolved.failure = engine::NameFailure::all_taken;
  co_return std::move(resolved);
}

asio::awaitable<engine::Event> SourceTask::establish(engine::Establish wanted) {
  if (!interrupts_.empty()) co_return interrupted();
  arm(forever);
  auto outcome = co_await (services_.ke.establish(std::move(wanted)) || timer_.wait());
  if (outcome.index() == 1) co_return interrupted();
  auto& session = std::get<0>(outcome);
  if (!session) co_return engine::EstablishFailed{session.error()};
  co_return engine::Established{std::move(*session)};
}

LocalPort SourceTask::local_port(engine::Port port, const base::Endpoint& to) const {
  if (is_over_ptp(to))
    return {services_.server.ptp_port, &services_.client.bind_addresses, &services_.client.bind_device,
            &services_.ptp_sockets};
  if (port == engine::Port::fresh)
    return {services_.client.acquisition_port, &services_.client.bind_addresses,
            &services_.client.bind_device, &services_.acquisition};
  return {services_.server.port, &services_.server.bind_addresses, &services_.server.bind_device,
          &services_.peers};
}

bool SourceTask::is_over_ptp(const base::Endpoint& to) const {
  return services_.server.ptp_port != 0 && to.port == services_.server.ptp_port;
}

base::OsResult<void> SourceTask::open_and_send(engine::Exchange& wanted) {
  if (wanted.port != engine::Port::same || !socket_) {
    socket_.reset();
    std::optional<std::uint8_t> ptp_domain;
    if (is_over_ptp(wanted.to)) ptp_domain = static_cast<std::uint8_t>(services_.server.ptp_domain);
    auto opened =
        ExchangeSocket::open(services_.loop, wanted.to, local_port(wanted.port, wanted.to),
                             {.dscp = services_.dscp, .nics = services_.nics, .ptp_domain = ptp_domain});
    if (!opened) return std::unexpected(opened.error());
    socket_.emplace(std::move(*opened));
  }
  request_ = std::move(wanted.request);
  if (services_.own_requests != nullptr) services_.own_requests->asked(request_);
  return socket_->send(request_);
}

// Where a source is asked from the port that we serve on, its own requests come to the same socket.
bool SourceTask::is_request(base::Bytes datagram) const {
  const auto header = protocol::parse_header(datagram);
  return header && (header->mode == protocol::Mode::client ||
                    (header->mode == protocol::Mode::symmetric_active && !association_.is_peer()));
}

void SourceTask::answer(const engine::Received& request) {
  if (!services_.answer || socket_->local().port != services_.server.port) return;
  std::array<std::uint8_t, protocol::max_datagram_size> out{};
  const auto size = services_.answer(request, out);
  if (size > 0) socket_->answer(base::Bytes{out}.first(size));
}

asio::awaitable<engine::Event> SourceTask::exchange(engine::Exchange wanted) {
  const auto sent = open_and_send(wanted);
  send_failure_ = sent ? base::OsError{} : sent.error();
  if (!sent) {
    services_.on_send_failed(*this, sent.error());
    co_return engine::Silence{.send_failed = true};
  }
  co_return co_await listen(wanted.give_up);
}

// Only the error queue makes the socket readable here: what else comes is looked at afterwards.
asio::awaitable<engine::Stamp> SourceTask::await_departure() {
  async::Timer timeout{services_.loop, services_.tx_timeout};
  bool late = false;
  while (!late && socket_->awaits_card()) {
    const auto outcome = co_await (socket_->readable() || timeout.wait());
    late = outcome.index() == 1;
    static_cast<void>(socket_->look_for_departure());
  }
  co_return socket_->look_for_departure();
}

asio::awaitable<engine::Event> SourceTask::listen(base::MonoTime give_up) {
  arm(give_up);
  while (socket_) {
    // An answer that is there already shows in the waiting, and only then is there anything to read.
    const auto outcome = co_await (socket_->readable() || timer_.wait());
    if (!interrupts_.empty()) co_return interrupted();
    if (outcome.index() == 1) {
      if (!std::get<1>(outcome)) co_return interrupted();
      break;
    }
    if (auto received = socket_->receive()) {
      if (is_request(received->datagram)) {
        answer(*received);
        continue;
      }
      if (socket_->awaits_card()) received->sent = co_await await_departure();
      received->ours = services_.own_requests != nullptr &&
                       services_.own_requests->answered_by_us(request_, received->datagram);
      if (services_.on_packet) services_.on_packet(association_.id(), *received);
      co_return *received;
    }
  }
  co_return engine::Silence{};
}

}  // namespace gnomon::core
