// SPDX-License-Identifier: GPL-2.0-or-later
// One Varlink call (https://varlink.org) over a Unix stream socket, blocking and with a time limit; owns its
// connection for the time of the call.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>

namespace gnomon::ctl {

enum class CallFault : std::uint8_t {
  no_socket,   // nothing there to connect to
  no_access,   // the file system refuses
  timeout,     // no whole answer in time
  closed,      // the daemon hung up
  bad_reply,   // no JSON, no Varlink, or too long
  replied,     // the daemon answered with an error
  local_error  // anything else of this machine
};

struct CallError {
  CallFault fault = CallFault::local_error;
  std::string detail;              // the system's words, or the error's full name in Varlink
  boost::json::object parameters;  // of an error reply
};

using CallResult = std::expected<boost::json::object, CallError>;

inline constexpr std::size_t max_reply = 16UL * 1024UL * 1024UL;

// What the calls that fetch one list in parts may take together, whatever the daemon says is left.
struct Allowance {
  std::chrono::steady_clock::time_point until;
  std::size_t octets = 256UL * 1024UL * 1024UL;
};

// The `parameters` of the one reply. The time limit is for the whole call, however slowly the reply comes.
// `shared`: outlives the call; null: it stands alone.
[[nodiscard]] CallResult call(const std::string& socket_path, const std::string& method,
                              const boost::json::object& parameters, std::chrono::milliseconds limit,
                              Allowance* shared = nullptr);

// Replies to a call with `more`, one after the other, until one does not continue or `take` returns false.
// The time limit counts until the first one; the others may take as long as they like.
using TakeReply = std::function<bool(const boost::json::object& parameters)>;
// Asked a few times a second while nothing whole comes; false: that is enough.
using GoesOn = std::function<bool()>;
[[nodiscard]] std::expected<void, CallError> call_more(const std::string& socket_path,
                                                       const std::string& method,
                                                       const boost::json::object& parameters,
                                                       std::chrono::milliseconds limit, const TakeReply& take,
                                                       const GoesOn& goes_on = {});

// One reply without its final NUL.
[[nodiscard]] CallResult parse_reply(const std::string& message);

}  // namespace gnomon::ctl
