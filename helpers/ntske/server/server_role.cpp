// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/server/server_role.hpp"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "async/endpoints.hpp"
#include "async/every.hpp"
#include "base/os/random.hpp"
#include "helpers/ntske/server/connection_rate.hpp"
#include "helpers/ntske/server/first_record.hpp"
#include "helpers/ntske/tls/tls_stream.hpp"
#include "ipc/codec.hpp"

namespace gnomon::ntske {
namespace {

using ipc::SessionEnd;

// When descriptors or memory are short, accept fails at once and would spin.
constexpr std::chrono::milliseconds accept_pause{100};
// The core is told of ended sessions no sooner than this after the first of them.
constexpr std::chrono::milliseconds report_pause{20};
// Descriptors of a process that are no session: channel, listeners, event queues, /dev/urandom.
constexpr std::size_t other_descriptors = 64;

ServerOffer make_offer(const ipc::KeServerSetup& setup) {
  ServerOffer offer{.aeads = {}, .ntp_port = setup.ntp_port, .ntp_server = setup.ntp_server};
  for (const auto number : setup.aeads)
    if (const auto aead = protocol::aead_from_number(number)) offer.aeads.push_back(*aead);
  return offer;
}

asio::ip::tcp protocol_of(int listener) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  const bool named = ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0;  // NOLINT
  return named && address.ss_family == AF_INET6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4();
}

// What is asked for, or what the descriptors allow.
std::size_t slots(std::size_t wanted, base::Log& log) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  const auto descriptors = static_cast<std::size_t>(limit.rlim_cur);
  const auto possible =
      descriptors > 2 * other_descriptors ? descriptors - other_descriptors : descriptors / 2;
  if (possible >= wanted) return wanted;
  log.write(
      base::LogEvent::ke_server_few_places,
      fmt::format(
          "maxntsconnections {} needs {} file descriptors in each NTS-KE server process and {} are allowed: "
          "{} clients at a time. Raise LimitNOFILE of the service (or ulimit -n), or lower "
          "maxntsconnections",
          wanted, wanted + other_descriptors, descriptors, possible),
      {{base::LogField::count, possible}, {base::LogField::directive, "maxntsconnections"}});
  return possible;
}

}  // namespace

ServerRole::ServerRole(async::Loop& loop, base::Fd channel, const ipc::KeServerSetup& setup,
                       std::optional<ServerCertificates> certificates, base::Log& log)
    : loop_(loop),
      log_(log),
      core_(loop.io(), std::move(channel), ipc::Link::ke_server, ipc::Sender::core),
      cookies_(loop, core_),
      certificates_(std::move(certificates)),
      offer_(make_offer(setup)),
      access_(setup.access),
      rate_(connection_rate(setup)),
      table_(slots(setup.max_connections, log)),
      next_deadline_(loop),
      tasks_(loop),
      sessions_(loop) {
  for (const int listener : setup.listeners) {
    listeners_.emplace_back(loop.io(), protocol_of(listener), listener);
    listeners_.back().non_blocking(true);  // other processes accept from it too
    boost::system::error_code ignored;     // without it, which connections inherit, answers are only later
    listeners_.back().set_option(asio::ip::tcp::no_delay(true), ignored);
    // Inherited as well, and perhaps from a process that was not itself any more.
    listeners_.back().set_option(asio::socket_base::receive_low_watermark(1), ignored);
  }
}

asio::awaitable<async::ChannelEnd> ServerRole::run() {
  co_await tell_certificates();
  for (auto& listener : listeners_) tasks_.spawn("accept", accept_from(listener));
  tasks_.spawn("deadlines", cancel_late_sessions());
  const auto end = co_await answer_core();
  co_await tasks_.drain();
  co_await sessions_.drain();
  co_return end;
}

asio::awaitable<void> ServerRole::tell_certificates() {
  if (!certificates_) co_return;
  for (const auto& each : certificates_->facts()) {
    auto datagram = ipc::encode(each, 0);
    [[maybe_unused]] const bool sent = co_await core_.send(std::move(datagram));
  }
}

asio::awaitable<async::ChannelEnd> ServerRole::answer_core() {
  for (;;) {
    const auto received = co_await core_.receive();
    if (!received) co_return received.error();
    const auto& frame = received->frame;
    if (frame.type == ipc::MessageType::retire && ipc::decode<ipc::Retire>(frame))
      retire();
    else if (!learn_access(frame) && !answer_with(frame))
      co_return async::ChannelEnd{async::ChannelEnd::Kind::illegal_frame};
  }
}

bool ServerRole::answer_with(const ipc::Frame& frame) {
  std::optional<std::vector<base::Buffer>> cookies;
  if (frame.type == ipc::MessageType::sealed_cookies) {
    auto sealed = ipc::decode<ipc::SealedCookies>(frame);
    if (!sealed) return false;
    cookies = std::move(sealed->cookies);
  } else if (!ipc::decode<ipc::SealRefused>(frame)) {
    return false;
  }
  return cookies_.fulfil(frame.request_id, std::move(cookies));
}

bool ServerRole::learn_access(const ipc::Frame& frame) {
  if (const auto added = ipc::decode<ipc::AddAccessRule>(frame)) {
    access_.add(added->rule);
    return true;
  }
  const auto known = ipc::decode<ipc::HostAddresses>(frame);
  if (!known) return false;
  access_.set_addresses(known->host, known->addresses);
  return true;
}

void ServerRole::retire() {
  if (std::exchange(retired_, true)) return;
  boost::system::error_code ignored;  // what is closed accepts no more, either way
  for (auto& listener : listeners_) listener.close(ignored);
  tasks_.spawn("leave", leave());
}

// Who has been accepted already becomes a session first. The core seals for the last ones, and hears how they
// ended, before the channel closes.
asio::awaitable<void> ServerRole::leave() {
  do {
    co_await async::pause_for(loop_, report_pause);
    co_await sessions_.wait_until_empty();
  } while (telling_);
  core_.close();
}

asio::awaitable<void> ServerRole::accept_from(asio::ip::tcp::acceptor& listener) {
  for (;;) {
    asio::ip::tcp::endpoint peer;
    auto [ec, socket] = co_await listener.async_accept(peer, tok);
    if (ec && !listener.is_open()) co_return;  // retired
    if (ec == asio::error::operation_aborted) co_return;
    if (ec) {
      co_await pause_accepting(ec);
      continue;
    }
    const auto client = async::from_asio(peer);
    if (!admits(client)) continue;
    // While it waits the others wait in the listener's backlog.
    co_await free_slot();
    const auto id = table_.admit(client.address, loop_.now().mono);
    if (!awaits_deadline_) next_deadline_.wake();
    sessions_.spawn("session", session(std::move(socket), client, id), id);
  }
}

// When descriptors or memory are short, accept fails at once and would spin.
asio::awaitable<void> ServerRole::pause_accepting(boost::system::error_code why) {
  const bool is_short = why == boost::system::errc::too_many_files_open ||
                        why == boost::system::errc::too_many_files_open_in_system ||
                        why == boost::system::errc::not_enough_memory ||
                        why == boost::system::errc::no_buffer_space;
  if (is_short)
    log_.write(
        base::LogEvent::ke_server_accept_failed,
        fmt::format(
            "NTS-KE server: no connection can be accepted ({}); clients wait until others leave. Raise "
            "LimitNOFILE of the service, or lower maxntsconnections",
            why.message()),
        {{base::LogField::reason, why.message()}});
  co_await async::pause_for(loop_, accept_pause);
}

bool ServerRole::admits(const base::Endpoint& client) {
  if (!certificates_) {
    report(client, SessionEnd::internal);
    return false;
  }
  if (!access_.allows(client.address)) {
    report(client, SessionEnd::denied_address);
    return false;
  }
  if (rate_.admit(client.address, loop_.now().mono, base::random_number<std::uint32_t>()) ==
      base::Admission::pass)
    return true;
  report(client, SessionEnd::rate_limited);
  return false;
}

asio::awaitable<void> ServerRole::free_slot() {
  async::Timer timeout{loop_};
  for (;;) {
    const auto slot = table_.free_slot(loop_.now().mono);
    if (slot.displace) {
      displaced_.insert(*slot.displace);
      table_.remove(*slot.displace);
      sessions_.cancel(*slot.displace);
    }
    if (!slot.ask_again) co_return;
    timeout.expires_at(*slot.ask_again);
    const auto waiting = waiting_for_slot_.insert(waiting_for_slot_.end(), &timeout);
    [[maybe_unused]] const bool in_time = co_await timeout.wait();
    waiting_for_slot_.erase(waiting);
    co_await async::end_if_cancelled();
  }
}

// The wait for a session's deadline goes on when it has ended sooner: those that came later have later ones,
// and to begin another wait for each of them is a system call.
asio::awaitable<void> ServerRole::cancel_late_sessions() {
  const auto until_next = [this] {
    const auto deadline = table_.next_deadline();
    awaits_deadline_ = deadline.has_value();
    return deadline ? *deadline - loop_.now().mono : base::Duration::max();
  };
  const auto cancel_late = [this] {
    while (const auto late = table_.take_late(loop_.now().mono)) sessions_.cancel(*late);
  };
  co_await async::every(next_deadline_, until_next, cancel_late);
}

asio::awaitable<void> ServerRole::session(asio::ip::tcp::socket socket, base::Endpoint client, SessionId id) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await converse(std::move(socket), client, id);
  table_.remove(id);
  displaced_.erase(id);
  for (auto* waiting : waiting_for_slot_) waiting->wake();
}

// Each step that is cut ends with an error, and there is no waiting after that.
asio::awaitable<void> ServerRole::converse(asio::ip::tcp::socket socket, base::Endpoint client,
                                           SessionId id) {
  const auto first = co_await first_record(socket);
  if (first == FirstRecord::there)
    co_await talk(std::move(socket), client, id);  // apart, as its frame is not needed before
  else
    report_end(client, id, first == FirstRecord::cut ? SessionEnd::timeout : SessionEnd::closed);
}

asio::awaitable<void> ServerRole::talk(asio::ip::tcp::socket socket, base::Endpoint client, SessionId id) {
  auto tls = certificates_->new_session();
  if (!tls) {
    report_end(client, id, SessionEnd::internal);
    co_return;
  }
  TlsStream stream{std::move(socket), std::move(tls)};
  const std::function<void()> settle = [this, id] { table_.settle(id); };
  const auto how = co_await serve_session(stream, client, offer_, cookies_, settle);
  report_end(client, id, how);
  table_.unsettle(id);
  stream.close();
}

void ServerRole::report_end(const base::Endpoint& client, SessionId id, SessionEnd how) {
  report(client, displaced_.contains(id) ? SessionEnd::displaced : how);
}

void ServerRole::report(const base::Endpoint& client, SessionEnd how) {
  tally_.add(client, how);
  if (!std::exchange(telling_, true)) tasks_.spawn("report", tell_core());
}

asio::awaitable<void> ServerRole::tell_core() {
  co_await async::pause_for(loop_, report_pause);
  telling_ = false;
  auto datagram = ipc::encode(tally_.take(), 0);
  [[maybe_unused]] const bool sent = co_await core_.send(std::move(datagram));
}

}  // namespace gnomon::ntske
