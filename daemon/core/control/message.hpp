// SPDX-License-Identifier: GPL-2.0-or-later
// Varlink's envelope: calls and replies are JSON objects, each ended by a NUL octet. Pure functions, no
// socket; used by one control connection at a time.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "base/bytes.hpp"

namespace gnomon::core::control {

inline constexpr std::size_t max_message_size = 65536;  // the NUL included

struct Call {
  std::string method;  // "io.gnomon.Control.Tracking"
  boost::json::object parameters;
  bool more = false;    // the caller accepts several replies
  bool oneway = false;  // the caller wants none
};

enum class CallError : std::uint8_t { not_json, not_an_object, no_method, bad_member, upgrade };

// One message without its NUL. Members that varlink does not know are ignored, as it asks.
[[nodiscard]] std::expected<Call, CallError> parse_call(std::string_view message);

// A whole reply, NUL included.
[[nodiscard]] std::string to_reply(const boost::json::object& parameters);
[[nodiscard]] std::string to_error(std::string_view error, const boost::json::object& parameters);

// Cuts the stream into messages.
class MessageSplitter {
 public:
  // Bytes as they came in. False: a message is longer than the limit; the connection is to be closed.
  [[nodiscard]] bool add(base::Bytes received);
  // The next whole message, without its NUL; it leaves the splitter.
  [[nodiscard]] std::optional<std::string> next();

 private:
  std::string pending_;
  std::size_t searched_ = 0;  // so many of its octets hold no NUL: one octet at a time is no more work
};

}  // namespace gnomon::core::control
