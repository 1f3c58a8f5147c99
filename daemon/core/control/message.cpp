// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/control/message.hpp"

#include <algorithm>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace gnomon::core::control {

namespace json = boost::json;

namespace {

// A flag may be missing; anything but a boolean is an error.
std::optional<bool> flag(const json::object& call, std::string_view name) {
  const auto* value = call.if_contains(name);
  if (value == nullptr) return false;
  if (!value->is_bool()) return std::nullopt;
  return value->get_bool();
}

std::string terminated(const json::object& reply) {
  auto text = json::serialize(reply);
  text.push_back('\0');
  return text;
}

}  // namespace

std::expected<Call, CallError> parse_call(std::string_view message) {
  json::error_code error;
  json::value value = json::parse(message, error);
  if (error) return std::unexpected(CallError::not_json);
  auto* call = value.if_object();
  if (call == nullptr) return std::unexpected(CallError::not_an_object);
  const auto* method = call->if_contains("method");
  if (method == nullptr || !method->is_string()) return std::unexpected(CallError::no_method);
  const auto more = flag(*call, "more");
  const auto oneway = flag(*call, "oneway");
  const auto upgrade = flag(*call, "upgrade");
  if (!more || !oneway || !upgrade) return std::unexpected(CallError::bad_member);
  if (*upgrade) return std::unexpected(CallError::upgrade);
  Call read{.method = std::string{method->get_string()}, .parameters = {}, .more = *more, .oneway = *oneway};
  if (auto* parameters = call->if_contains("parameters"); parameters != nullptr && !parameters->is_null()) {
    if (!parameters->is_object()) return std::unexpected(CallError::bad_member);
    read.parameters = std::move(parameters->get_object());
  }
  return read;
}

std::string to_reply(const json::object& parameters) {
  json::object reply;
  reply["parameters"] = parameters;
  return terminated(reply);
}

std::string to_error(std::string_view error, const json::object& parameters) {
  json::object reply;
  reply["error"] = error;
  reply["parameters"] = parameters;
  return terminated(reply);
}

bool MessageSplitter::add(base::Bytes received) {
  pending_.append(received.begin(), received.end());
  const auto first_end = std::min(pending_.find('\0', searched_), pending_.size());
  return first_end < max_message_size && pending_.size() <= 2 * max_message_size;
}

std::optional<std::string> MessageSplitter::next() {
  const auto end = pending_.find('\0', std::exchange(searched_, pending_.size()));
  if (end == std::string::npos) return std::nullopt;
  std::string message = pending_.substr(0, end);
  pending_.erase(0, end + 1);
  searched_ = 0;
  return message;
}

}  // namespace gnomon::core::control
