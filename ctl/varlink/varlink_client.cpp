// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/varlink/varlink_client.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

namespace gnomon::ctl {

namespace json = boost::json;

namespace {

class Connection {
 public:
  Connection() : descriptor_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~Connection() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

std::unexpected<CallError> failure(CallFault fault, std::string detail) {
  return std::unexpected(CallError{.fault = fault, .detail = std::move(detail), .parameters = {}});
}

std::unexpected<CallError> system_failure(int error) {
  const std::string words = std::generic_category().message(error);
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENOTSOCK:
    case ECONNREFUSED:
      return failure(CallFault::no_socket, words);
    case EACCES:
    case EPERM:
      return failure(CallFault::no_access, words);
    case EAGAIN:  // what SO_RCVTIMEO and SO_SNDTIMEO answer
    case ETIMEDOUT:
    case EINPROGRESS:
      return failure(CallFault::timeout, words);
    case EPIPE:
    case ECONNRESET:
      return failure(CallFault::closed, words);
    default:
      return failure(CallFault::local_error, words);
  }
}

using Deadline = std::chrono::steady_clock::time_point;
constexpr auto never = Deadline::max();

Deadline after(std::chrono::milliseconds limit) {
  return std::chrono::steady_clock::now() + limit;
}

// The next call of the system blocks no longer than until then. Whoever sends an octet a second does not
// get a limit for each.
std::expected<void, CallError> set_limit(int socket, Deadline until) {
  timeval time{};  // 0: without end
  if (until != never) {
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(until - after({})).count();
    if (left <= 0) return system_failure(ETIMEDOUT);
    time.tv_sec = left / 1'000'000;
    time.tv_usec = left % 1'000'000;
  }
  for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO})
    if (::setsockopt(socket, SOL_SOCKET, option, &time, sizeof time) != 0) return system_failure(errno);
  return {};
}

std::expected<void, CallError> connect_to(int socket, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return failure(CallFault::local_error, "the path is too long");
  std::memcpy(address.sun_path, path.data(), path.size());
  const void* const any = &address;
  if (::connect(socket, static_cast<const sockaddr*>(any), sizeof address) != 0) return system_failure(errno);
  return {};
}

std::expected<void, CallError> send_all(int socket, std::string_view bytes, Deadline until) {
  while (!bytes.empty()) {
    if (const auto set = set_limit(socket, until); !set) return set;
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return system_failure(errno);
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

// Messages that end with a NUL, which is not part of them.
class MessageReader {
 public:
  explicit MessageReader(int socket) : socket_(socket) {}
  // What has come of a message stays when the time is over.
  std::expected<std::string, CallError> next(Deadline until) {
    std::array<char, 16384> chunk{};
    for (auto end = pending_.find('\0');; end = pending_.find('\0', searched_)) {
      if (end != std::string::npos) {
        auto message = pending_.substr(0, end);
        pending_.erase(0, end + 1);
        searched_ = 0;
        return message;
      }
      searched_ = pending_.size();
      if (searched_ > max_reply) return failure(CallFault::bad_reply, "the answer is longer than 16 MiB");
      if (const auto set = set_limit(socket_, until); !set) return std::unexpected(set.error());
      const ssize_t count = ::recv(socket_, chunk.data(), chunk.size(), 0);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return system_failure(errno);
      if (count == 0)
        return failure(CallFault::closed, "the connection was closed before the answer was complete");
      pending_.append(chunk.data(), static_cast<std::size_t>(count));
    }
  }

 private:
  int socket_;
  std::string pending_;
  std::size_t searched_ = 0;
};

std::string request_text(const std::string& method, const json::object& parameters, bool more = false) {
  json::object request;
  if (more) request["more"] = true;
  request["method"] = method;
  request["parameters"] = parameters;
  std::string text = json::serialize(request);
  text += '\0';
  return text;
}

std::expected<void, CallError> begin_call(const Connection& connection, const std::string& path,
                                          const std::string& request, Deadline until) {
  if (connection.get() < 0) return system_failure(errno);
  if (const auto set = set_limit(connection.get(), until); !set) return set;
  if (const auto made = connect_to(connection.get(), path); !made) return made;
  return send_all(connection.get(), request, until);
}

bool continues(const std::string& message) {
  json::error_code error;
  const json::value reply = json::parse(message, error);
  const auto* const object = error ? nullptr : reply.if_object();
  const auto* const flag = object == nullptr ? nullptr : object->if_contains("continues");
  return flag != nullptr && flag->is_bool() && flag->get_bool();
}

}  // namespace

CallResult parse_reply(const std::string& message) {
  json::error_code error;
  json::value reply = json::parse(message, error);
  if (error) return failure(CallFault::bad_reply, "the answer is not JSON: " + error.message());
  if (!reply.is_object()) return failure(CallFault::bad_reply, "the answer is not a JSON object");
  json::object& object = reply.get_object();

  json::object parameters;
  if (json::value* const given = object.if_contains("parameters"); given != nullptr && given->is_object())
    parameters = std::move(given->get_object());
  const json::value* const name = object.if_contains("error");
  if (name == nullptr || name->is_null()) return parameters;
  if (!name->is_string()) return failure(CallFault::bad_reply, "the answer's error has no name");
  const json::string& text = name->get_string();
  return std::unexpected(CallError{.fault = CallFault::replied,
                                   .detail = std::string(text.data(), text.size()),
                                   .parameters = std::move(parameters)});
}

CallResult call(const std::string& socket_path, const std::string& method, const json::object& parameters,
                std::chrono::milliseconds limit, Allowance* shared) {
  const auto until = shared == nullptr ? after(limit) : std::min(after(limit), shared->until);
  const Connection connection;
  if (const auto sent = begin_call(connection, socket_path, request_text(method, parameters), until); !sent)
    return std::unexpected(sent.error());
  const auto message = MessageReader{connection.get()}.next(until);
  if (!message) return std::unexpected(message.error());
  if (shared != nullptr) {
    if (message->size() > shared->octets)
      return failure(CallFault::bad_reply, "the parts of the answer are too long together");
    shared->octets -= message->size();
  }
  return parse_reply(*message);
}

std::expected<void, CallError> call_more(const std::string& socket_path, const std::string& method,
                                         const json::object& parameters, std::chrono::milliseconds limit,
                                         const TakeReply& take, const GoesOn& goes_on) {
  constexpr std::chrono::milliseconds between_questions{200};
  auto until = after(limit);
  const Connection connection;
  if (const auto sent = begin_call(connection, socket_path, request_text(method, parameters, true), until);
      !sent)
    return sent;
  MessageReader reader{connection.get()};
  bool any = false;
  while (true) {
    if (any) until = goes_on ? after(between_questions) : never;
    const auto message = reader.next(until);
    const bool is_quiet = !message && any && goes_on && message.error().fault == CallFault::timeout;
    if (is_quiet && goes_on()) continue;
    if (is_quiet) return {};
    if (!message) return std::unexpected(message.error());
    const auto reply = parse_reply(*message);
    if (!reply) return std::unexpected(reply.error());
    if (!take(*reply) || !continues(*message) || (goes_on && !goes_on())) return {};
    any = true;
  }
}

}  // namespace gnomon::ctl
