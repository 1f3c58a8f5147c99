// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/metrics/http.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/write.hpp>
#include <sstream>

namespace gnomon::metrics {

namespace http = boost::beast::http;

struct RequestReader::Parser {
  Parser() { reader.header_limit(longest_header); }
  http::request_parser<http::empty_body> reader;
};

namespace {

HttpFault fault_of(const boost::system::error_code& error) {
  if (error == http::error::header_limit) return HttpFault::too_large;
  if (error == http::error::unexpected_body || error == http::error::body_limit) return HttpFault::has_body;
  return HttpFault::malformed;
}

HttpRequest request_of(const http::request<http::empty_body>& message) {
  HttpRequest request{.method = message.method_string(),
                      .target = message.target(),
                      .accept = {},
                      .keep_alive = message.keep_alive()};
  const auto [first, last] = message.equal_range(http::field::accept);
  for (auto at = first; at != last; ++at) {
    if (!request.accept.empty()) request.accept += ',';
    request.accept += at->value();
  }
  return request;
}

}  // namespace

RequestReader::RequestReader() : parser_(std::make_unique<Parser>()) {}
RequestReader::~RequestReader() = default;

std::expected<std::optional<HttpRequest>, HttpFault> RequestReader::next() {
  auto& reader = parser_->reader;
  while (!reader.is_done() && !pending_.empty()) {
    boost::system::error_code error;
    const auto used = reader.put(boost::asio::buffer(pending_), error);
    pending_.erase(0, used);
    amid_request_ = amid_request_ || used > 0;
    if (error == http::error::need_more) {
      // A line that does not end is kept here, not by the parser.
      if (pending_.size() > longest_header) return std::unexpected(HttpFault::too_large);
      break;
    }
    if (error) return std::unexpected(fault_of(error));
    // A chunked one as well, even if it is empty: where it ends is nothing to argue about.
    if (reader.is_header_done() && (reader.chunked() || reader.content_length().value_or(0) > 0))
      return std::unexpected(HttpFault::has_body);
  }
  if (!reader.is_done()) return std::nullopt;
  auto request = request_of(reader.get());
  parser_ = std::make_unique<Parser>();
  amid_request_ = false;
  return request;
}

std::string response_head(Status status, std::string_view type, std::size_t size, bool keep_alive) {
  constexpr unsigned http_1_1 = 11;
  http::response<http::empty_body> response{static_cast<http::status>(status), http_1_1};
  response.set(http::field::server, "gnomon");
  response.set(http::field::content_type, {type.data(), type.size()});
  response.set(http::field::cache_control, "no-store");
  response.set(http::field::vary, "Accept");
  if (status == Status::method_not_allowed) response.set(http::field::allow, "GET, HEAD");
  if (status == Status::unavailable) response.set(http::field::retry_after, "1");
  response.content_length(size);
  response.keep_alive(keep_alive);
  std::ostringstream head;
  head << response.base();
  return std::move(head).str();
}

}  // namespace gnomon::metrics
