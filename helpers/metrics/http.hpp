// SPDX-License-Identifier: GPL-2.0-or-later
// HTTP/1.1 without a socket, by Boost.Beast, which no other file includes: octets to requests, and the head
// of a response. Owned by one connection.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "helpers/metrics/content.hpp"

namespace gnomon::metrics {

inline constexpr std::size_t longest_header = 8192;

class RequestReader {
 public:
  RequestReader();
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  // Octets as they came, in pieces of any size.
  void add(std::string_view octets) { pending_ += octets; }
  // The next whole request; nullopt: more octets are needed. After a fault the connection is to end.
  [[nodiscard]] std::expected<std::optional<HttpRequest>, HttpFault> next();
  // Part of a request has come.
  [[nodiscard]] bool amid_request() const { return amid_request_ || !pending_.empty(); }

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  std::string pending_;
  bool amid_request_ = false;
};

// Up to the empty line. `size`: of the body.
[[nodiscard]] std::string response_head(Status status, std::string_view type, std::size_t size,
                                        bool keep_alive);

}  // namespace gnomon::metrics
