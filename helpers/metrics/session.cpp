// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/metrics/session.hpp"

#include <array>
#include <boost/asio/write.hpp>
#include <optional>

#include "helpers/metrics/http.hpp"

namespace gnomon::metrics {

namespace {

using namespace asio::experimental::awaitable_operators;

struct Response {
  std::string head;
  CoreText::Text text;        // null: the body is `sentence`
  std::string_view sentence;  // of static storage
  bool with_body = true;
  bool keep_alive = false;

  [[nodiscard]] std::string_view body() const {
    if (!with_body) return {};
    return text ? std::string_view{*text} : sentence;
  }
};

Response complaint(Status status, bool with_body, bool keep_alive) {
  const auto sentence = sentence_for(status);
  return {.head = response_head(status, "text/plain; charset=utf-8", sentence.size(), keep_alive),
          .text = {},
          .sentence = sentence,
          .with_body = with_body,
          .keep_alive = keep_alive};
}

asio::awaitable<Response> respond(HttpRequest request, CoreText& source) {
  const auto plan = plan_for(request);
  if (plan.status != Status::ok) co_return complaint(plan.status, plan.with_body, request.keep_alive);
  auto text = co_await source.text(plan.format);
  if (!text) co_return complaint(Status::unavailable, plan.with_body, request.keep_alive);
  Response response{
      .head = response_head(Status::ok, content_type(plan.format), text->size(), request.keep_alive),
      .text = std::move(text),
      .sentence = {},
      .with_body = plan.with_body,
      .keep_alive = request.keep_alive};
  co_return response;
}

// False: the connection is to end.
asio::awaitable<bool> send(Socket& socket, const Response& response, async::Loop& loop) {
  const std::array parts{asio::buffer(response.head), asio::buffer(response.body())};
  async::Timer timer{loop, response_limit};
  const auto outcome = co_await (asio::async_write(socket, parts, tok) || timer.wait());
  if (outcome.index() == 1) co_return false;
  const auto [error, size] = std::get<0>(outcome);
  co_return !error;
}

// So that a client which is still sending reads why it is left.
asio::awaitable<void> leave(Socket& socket, async::Loop& loop) {
  boost::system::error_code ignored;
  socket.shutdown(asio::socket_base::shutdown_send, ignored);
  async::Timer timer{loop, std::chrono::seconds{1}};
  std::array<char, 4096> unread{};
  while (true) {
    const auto outcome = co_await (socket.async_read_some(asio::buffer(unread), tok) || timer.wait());
    if (outcome.index() == 1 || std::get<0>(std::get<0>(outcome))) co_return;
  }
}

using Next = std::expected<std::optional<HttpRequest>, HttpFault>;

// The next request; nullopt: there is none any more.
asio::awaitable<Next> next_request(Socket& socket, RequestReader& reader, async::Loop& loop) {
  std::array<char, 4096> octets{};
  std::optional<base::MonoTime> due;
  while (true) {
    auto request = reader.next();
    if (!request || *request) co_return request;
    const auto now = loop.now().mono;
    if (reader.amid_request() && !due) due = now + request_limit;
    async::Timer timer{loop};
    timer.expires_at(due.value_or(now + idle_limit));
    const auto outcome = co_await (socket.async_read_some(asio::buffer(octets), tok) || timer.wait());
    if (outcome.index() == 1) co_return std::nullopt;
    const auto [error, size] = std::get<0>(outcome);
    if (error) co_return std::nullopt;
    reader.add({octets.data(), size});
  }
}

}  // namespace

asio::awaitable<void> serve(Socket& socket, CoreText& text, async::Loop& loop) {
  RequestReader reader;
  while (true) {
    auto request = co_await next_request(socket, reader, loop);
    if (!request) {
      const auto response = complaint(status_of(request.error()), true, false);
      const bool sent = co_await send(socket, response, loop);
      if (sent) co_await leave(socket, loop);
      co_return;
    }
    if (!*request) co_return;
    const auto response = co_await respond(std::move(**request), text);
    const bool sent = co_await send(socket, response, loop);
    if (!sent || !response.keep_alive) co_return;
  }
}

}  // namespace gnomon::metrics
