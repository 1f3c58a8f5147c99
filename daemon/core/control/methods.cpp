// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/control/methods.hpp"

#include <algorithm>

namespace gnomon::core::control {

namespace {

constexpr std::string_view control_interface = "io.gnomon.Control";
constexpr std::string_view service_interface = "org.varlink.service";

std::string_view interface_of(std::string_view method) {
  const auto dot = method.rfind('.');
  return method.substr(0, dot == method.npos ? 0 : dot);
}

const Method* find_method(std::string_view name) {
  for (const auto& methods :
       {report_methods(), clock_methods(), source_methods(), access_methods(), reload_methods()})
    if (const auto found = std::ranges::find(methods, name, &Method::name); found != methods.end())
      return &*found;
  return nullptr;
}

// Varlink has no reply to what is not a call: the connection ends.
Answer not_a_call(CallError error) {
  if (error == CallError::bad_member || error == CallError::upgrade) {
    auto reply = invalid_parameter(error == CallError::upgrade ? "upgrade" : "call");
    reply.then = AfterReply::close;
    return reply;
  }
  return {.text = "", .then = AfterReply::close, .refused = true};
}

Answer unknown_method(std::string_view method) {
  const auto interface = interface_of(method);
  if (interface == control_interface || interface == service_interface)
    return refusal("org.varlink.service.MethodNotFound", {{"method", method}});
  return refusal("org.varlink.service.InterfaceNotFound", {{"interface", interface}});
}

Answer not_permitted() {
  return refusal(
      "io.gnomon.Control.NotPermitted",
      {{"explanation",
        "Only root and members of the group gnomon-operators may do this. Run the command with sudo."}});
}

Answer handle(const Method& method, const Call& call, Reporter& reporter) {
  for (const auto& parameter : call.parameters)
    if (!holds_name(method.parameters, parameter.key())) return invalid_parameter(parameter.key());
  Parameters parameters{call.parameters};
  if (call.more && method.more != nullptr) return method.more(parameters, reporter);
  return method.handle(parameters, reporter);
}

// Who only looks and wants no answer wants nothing but our time.
Answer pointless() {
  return {.text = "", .then = AfterReply::close, .refused = true};
}

// What may be asked comes before how: who has no right learns nothing of the parameters.
Answer dispatch(const Call& call, Right right, Reporter& reporter, ReplyMemory* memory) {
  const Method* const method = find_method(call.method);
  if (method == nullptr) return unknown_method(call.method);
  if (method->right == Right::operate) {
    if (right != Right::operate) return not_permitted();
    if (memory != nullptr) memory->clear();
    return handle(*method, call, reporter);
  }
  if (call.oneway) return pointless();
  if (memory == nullptr || !call.parameters.empty() || !method->parameters.empty())
    return handle(*method, call, reporter);
  return {.text = memory->reply(method->name, [&] { return handle(*method, call, reporter).text; })};
}

}  // namespace

Answer refusal(std::string_view error, const boost::json::object& parameters) {
  return {.text = to_error(error, parameters), .refused = true};
}

Answer invalid_parameter(std::string_view name) {
  return refusal("org.varlink.service.InvalidParameter", {{"parameter", name}});
}

Answer outcome(const std::expected<void, engine::Refusal>& applied) {
  if (!applied) return refusal("io.gnomon.Control.Failed", {{"explanation", applied.error().sentence}});
  return {.text = to_reply({})};
}

Answer answer(std::string_view message, Right right, Reporter& reporter, ReplyMemory* memory) {
  const auto call = parse_call(message);
  if (!call) return not_a_call(call.error());
  auto made = dispatch(*call, right, reporter, memory);
  if (call->oneway) made.text.clear();
  return made;
}

}  // namespace gnomon::core::control
