// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/server/signd_client.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <fmt/core.h>

#include <array>
#include <chrono>
#include <utility>

#include "base/os/timestamps.hpp"
#include "protocol/mac/signd.hpp"

namespace gnomon::core {

namespace {

using namespace asio::experimental::awaitable_operators;

// Clients give up after a few seconds; ntp_signd looks the account up in its database.
constexpr base::Duration patience = std::chrono::seconds{2};

void send_to_client(const UnsignedAnswer& to, base::Bytes answer) {
  auto client = to.client;
  base::ControlBuffer control;
  iovec vector{const_cast<std::uint8_t*>(answer.data()), answer.size()};  // NOLINT: only read
  msghdr header{};
  header.msg_name = client.get();
  header.msg_namelen = client.size;
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  base::answer_from(header, control, to.local, to.interface, base::address_family(to.socket));
  static_cast<void>(sendmsg(to.socket, &header, MSG_DONTWAIT));  // one that is lost is asked for again
}

}  // namespace

SigndClient::SigndClient(async::TaskGroup& tasks, SigningQueue& queue, base::Log& log,
                         std::function<void()> ask_for_socket)
    : tasks_(tasks),
      queue_(queue),
      log_(log),
      ask_for_socket_(std::move(ask_for_socket)),
      event_(tasks.io(), queue.event()),
      socket_(tasks.io()),
      arrival_(tasks.loop()) {}

SigndClient::~SigndClient() {
  event_.release();
}

void SigndClient::start() {
  tasks_.spawn("ntp_signd", serve());
}

void SigndClient::use(base::Fd connection) {
  boost::system::error_code refused;
  socket_.close(refused);
  socket_.assign(asio::generic::stream_protocol{AF_UNIX, 0}, connection.get(), refused);
  if (!refused) static_cast<void>(connection.release());
  arrival_.wake();
}

asio::awaitable<void> SigndClient::serve() {
  while (true) {
    const auto [error] = co_await event_.async_wait(asio::posix::descriptor_base::wait_read, tok);
    if (error) co_return;
    queue_.take_event();
    while (const auto answer = queue_.take()) {
      const bool can_sign = co_await connected();
      if (!can_sign) {
        queue_.clear();
        break;
      }
      const bool done = co_await sign(*answer);
      if (!done) socket_.close();
    }
  }
}

asio::awaitable<bool> SigndClient::connected() {
  if (socket_.is_open()) co_return true;
  ask_for_socket_();
  arrival_.expires_after(patience);
  co_await async::wait_for(arrival_);
  co_return socket_.is_open();
}

asio::awaitable<bool> SigndClient::sign(const UnsignedAnswer& answer) {
  const auto request = protocol::write_signd_request(++last_id_, answer.account, answer.header);
  const bool sent = co_await send(request);
  if (!sent) co_return false;
  std::array<std::uint8_t, protocol::max_signd_reply> reply{};
  const auto length = base::MutableBytes{reply}.first(protocol::signd_length_size);
  const bool begun = co_await receive(length);
  const auto size = begun ? protocol::signd_reply_rest(length) : std::nullopt;
  if (!size) co_return false;
  const auto rest = base::MutableBytes{reply}.subspan(protocol::signd_length_size, *size);
  const bool whole = co_await receive(rest);
  if (!whole) co_return false;
  const auto signed_answer = protocol::read_signd_reply(rest, last_id_);
  if (signed_answer) {
    send_to_client(answer, *signed_answer);
    co_return true;
  }
  if (signed_answer.error() != protocol::SigndError::refused) co_return false;
  log_.write(base::LogEvent::signing_refused,
             fmt::format("ntp_signd does not sign for the account with RID {}: its client gets no response",
                         answer.account.relative_id()),
             {{base::LogField::address, base::to_string(base::to_endpoint(answer.client).address)}});
  co_return true;
}

asio::awaitable<bool> SigndClient::send(base::Bytes octets) {
  async::Timer timer{tasks_.loop(), patience};
  const auto outcome =
      co_await (asio::async_write(socket_, asio::buffer(octets.data(), octets.size()), tok) || timer.wait());
  if (outcome.index() == 1) co_return false;
  co_return !std::get<0>(std::get<0>(outcome));
}

asio::awaitable<bool> SigndClient::receive(base::MutableBytes octets) {
  async::Timer timer{tasks_.loop(), patience};
  const auto outcome =
      co_await (asio::async_read(socket_, asio::buffer(octets.data(), octets.size()), tok) || timer.wait());
  if (outcome.index() == 1) co_return false;
  co_return !std::get<0>(std::get<0>(outcome));
}

}  // namespace gnomon::core
