// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/tls/tls_stream.hpp"

#include <sys/socket.h>
#include <wolfssl/error-ssl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace gnomon::ntske {
namespace {

using Step = std::expected<std::size_t, TlsFailure>;

// A peer that goes on talking after the answer is cut here.
constexpr std::size_t max_after_close = 65536;
// To send with, whether the socket blocks or not: an accepted one does, and to change that is a system call.
constexpr int never_wait = MSG_NOSIGNAL | MSG_DONTWAIT;

int transport_result(ssize_t count) {
  if (count > 0) return static_cast<int>(count);
  if (count == 0) return WOLFSSL_CBIO_ERR_CONN_CLOSE;
  if (errno == EAGAIN || errno == EWOULDBLOCK)
    return WOLFSSL_CBIO_ERR_WANT_READ;  // the same number as WANT_WRITE
  if (errno == EINTR) return WOLFSSL_CBIO_ERR_ISR;
  return errno == EPIPE ? WOLFSSL_CBIO_ERR_CONN_CLOSE : WOLFSSL_CBIO_ERR_CONN_RST;
}

TlsFailure failure_of(WOLFSSL& session, int error) {
  WOLFSSL_ALERT_HISTORY history{};
  TlsFailure failure{.error = error, .alert = std::nullopt};
  if (wolfSSL_get_alert_history(&session, &history) == WOLFSSL_SUCCESS && history.last_rx.code >= 0)
    failure.alert = history.last_rx.code;
  return failure;
}

TlsFailure cancelled_or_broken(const boost::system::error_code& ec) {
  return {.error = SOCKET_ERROR_E, .alert = std::nullopt, .cancelled = ec == asio::error::operation_aborted};
}

// Repeats one call of wolfSSL until it needs the socket no more.
template <class Call>
asio::awaitable<Step> drive(asio::ip::tcp::socket& socket, WOLFSSL& session, Call call) {
  for (;;) {
    const int result = call();
    if (result > 0) co_return static_cast<std::size_t>(result);
    const int error = wolfSSL_get_error(&session, result);
    if (error != WOLFSSL_ERROR_WANT_READ && error != WOLFSSL_ERROR_WANT_WRITE)
      co_return std::unexpected(failure_of(session, error));
    const auto direction = error == WOLFSSL_ERROR_WANT_READ ? asio::ip::tcp::socket::wait_read
                                                            : asio::ip::tcp::socket::wait_write;
    const auto [ec] = co_await socket.async_wait(direction, tok);
    if (ec) co_return std::unexpected(cancelled_or_broken(ec));
  }
}

std::expected<void, TlsFailure> without_count(const Step& step) {
  if (!step) return std::unexpected(step.error());
  return {};
}

}  // namespace

bool TlsFailure::closed() const {
  return error == SOCKET_PEER_CLOSED_E || error == SOCKET_ERROR_E || error == ZERO_RETURN ||
         error == WOLFSSL_ERROR_ZERO_RETURN || error == WOLFSSL_ERROR_SYSCALL;
}

// The library's own transport functions would raise SIGPIPE.
int TlsStream::receive_octets(WOLFSSL* /*session*/, char* into, int size, void* transport) {
  auto& from = *static_cast<Transport*>(transport);
  if (from.begin == from.end) {
    const auto count = ::recv(from.fd, from.unread.data(), from.unread.size(), MSG_DONTWAIT);
    if (count <= 0) return transport_result(count);
    from.begin = 0;
    from.end = static_cast<std::size_t>(count);
    if (!from.first) from.first = from.unread.front();
  }
  const auto count = std::min(static_cast<std::size_t>(size), from.end - from.begin);
  std::copy_n(from.unread.begin() + static_cast<std::ptrdiff_t>(from.begin), count, into);
  from.begin += count;
  return static_cast<int>(count);
}

int TlsStream::send_octets(WOLFSSL* /*session*/, char* from, int size, void* transport) {
  auto& to = *static_cast<Transport*>(transport);
  if (!to.holds) return transport_result(::send(to.fd, from, static_cast<std::size_t>(size), never_wait));
  to.held.insert(to.held.end(), from, from + size);
  return size;
}

TlsStream::TlsStream(asio::ip::tcp::socket socket, TlsSession session)
    : socket_(std::move(socket)), session_(std::move(session)) {
  transport_.fd = socket_.native_handle();
  wolfSSL_SSLSetIORecv(session_.get(), receive_octets);
  wolfSSL_SSLSetIOSend(session_.get(), send_octets);
  wolfSSL_SetIOReadCtx(session_.get(), &transport_);
  wolfSSL_SetIOWriteCtx(session_.get(), &transport_);
}

asio::awaitable<std::expected<void, TlsFailure>> TlsStream::accept() {
  auto call = [this] { return wolfSSL_accept(session_.get()); };
  const auto step = co_await drive(socket_, *session_, call);
  co_return without_count(step);
}

asio::awaitable<std::expected<void, TlsFailure>> TlsStream::connect(base::RealTime verification_time) {
  auto call = [this, verification_time] {
    set_verification_time(verification_time);
    return wolfSSL_connect(session_.get());
  };
  auto connected = without_count(co_await drive(socket_, *session_, call));
  constexpr std::uint8_t change_cipher_spec = 20, application_data = 23;  // RFC 8446 section 5.1
  const auto first = transport_.first.value_or(change_cipher_spec);
  if (!connected) connected.error().no_tls = first < change_cipher_spec || first > application_data;
  co_return connected;
}

asio::awaitable<std::expected<std::size_t, TlsFailure>> TlsStream::read(base::MutableBytes into) {
  auto call = [this, into] {
    return wolfSSL_read(session_.get(), into.data(), static_cast<int>(into.size()));
  };
  const auto step = co_await drive(socket_, *session_, call);
  co_return step;
}

asio::awaitable<std::expected<void, TlsFailure>> TlsStream::write(base::Bytes bytes) {
  while (!bytes.empty()) {
    auto call = [this, bytes] {
      return wolfSSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size()));
    };
    const auto step = co_await drive(socket_, *session_, call);
    if (!step) co_return std::unexpected(step.error());
    bytes = bytes.subspan(*step);
  }
  co_return std::expected<void, TlsFailure>{};
}

asio::awaitable<std::expected<void, TlsFailure>> TlsStream::write_last(base::Bytes bytes) {
  transport_.holds = true;  // nothing waits for the socket now
  const auto written = co_await write(bytes);
  if (written) wolfSSL_shutdown(session_.get());
  transport_.holds = false;
  notified_ = written.has_value();
  const auto sent = co_await send_held();
  co_return written ? sent : written;
}

asio::awaitable<std::expected<void, TlsFailure>> TlsStream::send_held() {
  for (base::Bytes rest = transport_.held; !rest.empty();) {
    const int count =
        transport_result(::send(transport_.fd, rest.data(), rest.size(), never_wait | MSG_MORE));
    if (count > 0) {
      rest = rest.subspan(static_cast<std::size_t>(count));
    } else if (count == WOLFSSL_CBIO_ERR_WANT_WRITE) {
      const auto [ec] = co_await socket_.async_wait(asio::ip::tcp::socket::wait_write, tok);
      if (ec) co_return std::unexpected(cancelled_or_broken(ec));
    } else if (count != WOLFSSL_CBIO_ERR_ISR) {
      co_return std::unexpected(TlsFailure{.error = SOCKET_ERROR_E, .alert = std::nullopt});
    }
  }
  co_return std::expected<void, TlsFailure>{};
}

void TlsStream::close() {
  if (!notified_) wolfSSL_shutdown(session_.get());
  boost::system::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  std::array<char, 1024> unread{};
  for (std::size_t total = 0; total < max_after_close; total += unread.size())
    if (::recv(transport_.fd, unread.data(), unread.size(), MSG_DONTWAIT) <= 0) return;
}

}  // namespace gnomon::ntske
