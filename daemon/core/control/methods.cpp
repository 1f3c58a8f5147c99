// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/control/methods.hpp"

#include <algorithm>
#include <array>

#include <boost/json/array.hpp>

#include "daemon/core/control/clock_methods.hpp"
#include "daemon/core/control/render.hpp"
#include "daemon/core/control/schema.hpp"
#include "daemon/core/control/source_methods.hpp"

namespace gnomon::core::control {

namespace json = boost::json;

namespace {

constexpr std::string_view control_interface = "io.gnomon.Control";
constexpr std::string_view service_interface = "org.varlink.service";

Answer refusal(std::string_view error, const json::object& parameters) {
  return {.text = to_error(error, parameters), .refused = true};
}

Answer method_not_found(std::string_view method) {
  return refusal("org.varlink.service.MethodNotFound", {{"method", method}});
}

Answer invalid_parameter(std::string_view name) {
  return refusal("org.varlink.service.InvalidParameter", {{"parameter", name}});
}

Answer failure(const std::string& explanation) {
  return refusal("io.gnomon.Control.Failed", {{"explanation", explanation}});
}

using RenderOne = json::object (*)(const SourceReport&);

Answer list_of(Reporter& reporter, RenderOne render_one) {
  json::array list;
  for (const auto& source : reporter.sources()) list.push_back(render_one(source));
  json::object parameters;
  parameters["sources"] = std::move(list);
  return {.text = to_reply(parameters)};
}

Answer get_info(const Call& /*call*/, Reporter& /*reporter*/) {
  return {.text = to_reply({{"vendor", "gnomon"},
                            {"product", "gnomond"},
                            {"version", daemon_version},
                            {"url", ""},
                            {"interfaces", json::array{service_interface, control_interface}}})};
}

Answer get_interface_description(const Call& call, Reporter& /*reporter*/) {
  const auto* name = call.parameters.if_contains("interface");
  if (name == nullptr || !name->is_string()) return invalid_parameter("interface");
  const std::string_view wanted = name->get_string();
  if (wanted == control_interface) return {.text = to_reply({{"description", control_description}})};
  if (wanted == service_interface) return {.text = to_reply({{"description", service_description}})};
  return refusal("org.varlink.service.InterfaceNotFound", {{"interface", wanted}});
}

Answer rekey(const Call& /*call*/, Reporter& reporter) {
  if (const auto done = reporter.rekey(); !done) return failure(done.error());
  return {.text = to_reply({})};
}

Answer smooth_time(Reporter& reporter, SmoothTimeCommand order) {
  if (const auto done = reporter.smooth_time(order); !done) return failure(done.error());
  return {.text = to_reply({})};
}

Answer shut_down(const Call& /*call*/, Reporter& /*reporter*/) {
  return {.text = to_reply({}), .then = AfterReply::shut_down};
}

std::string_view method_name(const Call& call) {
  return std::string_view{call.method}.substr(call.method.rfind('.') + 1);
}

// Everything that is a command to the timekeeper.
Answer run_operator_command(const Call& call, Reporter& reporter) {
  const auto order = operator_command(method_name(call), call.parameters);
  if (!order) return invalid_parameter(order.error());
  if (const auto done = reporter.order(*order); !done) return failure(done.error());
  return {.text = to_reply({})};
}

Answer set_time(const Call& call, Reporter& reporter) {
  constexpr double latest = 9e9;  // year 2255
  Parameters parameters{call.parameters};
  const base::Seconds since_1970{parameters.number("time", 0, latest)};
  if (parameters.wrong()) return invalid_parameter(*parameters.wrong());
  const auto outcome = reporter.set_time(base::RealTime{base::to_duration(since_1970)});
  if (!outcome) return failure(outcome.error());
  return {.text = to_reply(render(*outcome))};
}

Answer manual_list(const Call& /*call*/, Reporter& reporter) {
  json::array list;
  for (const auto& entry : reporter.manual_entries()) list.push_back(render(entry));
  json::object parameters;
  parameters["entries"] = std::move(list);
  return {.text = to_reply(parameters)};
}

Answer list_certificates(const Call& /*call*/, Reporter& reporter) {
  json::array list;
  for (const auto& certificate : reporter.certificates()) list.push_back(render(certificate));
  json::object parameters;
  parameters["certificates"] = std::move(list);
  return {.text = to_reply(parameters)};
}

struct Method {
  std::string_view name;
  Right right;
  std::string_view parameters;  // the names of those it takes, with a blank between
  Answer (*handle)(const Call&, Reporter&);
};

constexpr std::array methods{
    Method{"org.varlink.service.GetInfo", Right::observe, "", get_info},
    Method{"org.varlink.service.GetInterfaceDescription", Right::observe, "interface",
           get_interface_description},
    Method{"io.gnomon.Control.Tracking", Right::observe, "",
           [](const Call&, Reporter& from) { return Answer{.text = to_reply(render(from.tracking()))}; }},
    Method{"io.gnomon.Control.Sources", Right::observe, "",
           [](const Call&, Reporter& from) { return list_of(from, render_source); }},
    Method{"io.gnomon.Control.SourceStats", Right::observe, "",
           [](const Call&, Reporter& from) { return list_of(from, render_statistics); }},
    Method{"io.gnomon.Control.AuthData", Right::observe, "",
           [](const Call&, Reporter& from) { return list_of(from, render_auth_data); }},
    Method{"io.gnomon.Control.NtpData", Right::observe, "",
           [](const Call&, Reporter& from) { return list_of(from, render_ntp_data); }},
    Method{"io.gnomon.Control.SelectData", Right::observe, "",
           [](const Call&, Reporter& from) { return list_of(from, render_select_data); }},
    Method{"io.gnomon.Control.Activity", Right::observe, "",
           [](const Call&, Reporter& from) {
             return Answer{.text = to_reply(render_activity(from.sources()))};
           }},
    Method{"io.gnomon.Control.ServerStats", Right::observe, "",
           [](const Call&, Reporter& from) { return Answer{.text = to_reply(render(from.server()))}; }},
    Method{"io.gnomon.Control.Certificates", Right::observe, "", list_certificates},
    Method{"io.gnomon.Control.Smoothing", Right::observe, "",
           [](const Call&, Reporter& from) { return Answer{.text = to_reply(render(from.smoothing()))}; }},
    Method{"io.gnomon.Control.SmoothTimeReset", Right::operate, "",
           [](const Call&, Reporter& of) { return smooth_time(of, SmoothTimeCommand::reset); }},
    Method{"io.gnomon.Control.SmoothTimeActivate", Right::operate, "",
           [](const Call&, Reporter& of) { return smooth_time(of, SmoothTimeCommand::activate); }},
    Method{"io.gnomon.Control.Rekey", Right::operate, "", rekey},
    Method{"io.gnomon.Control.Shutdown", Right::operate, "", shut_down},
    Method{"io.gnomon.Control.MakeStep", Right::operate, "", run_operator_command},
    Method{"io.gnomon.Control.AllowSteps", Right::operate, "threshold limit", run_operator_command},
    Method{"io.gnomon.Control.SetMaxUpdateSkew", Right::operate, "skew", run_operator_command},
    Method{"io.gnomon.Control.Reselect", Right::operate, "", run_operator_command},
    Method{"io.gnomon.Control.SetReselectDistance", Right::operate, "distance", run_operator_command},
    Method{"io.gnomon.Control.SetLocal", Right::operate,
           "on stratum distance activate orphan wait_synced wait_unsynced", run_operator_command},
    Method{"io.gnomon.Control.AddFrequency", Right::operate, "frequency", run_operator_command},
    Method{"io.gnomon.Control.AddOffset", Right::operate, "offset", run_operator_command},
    Method{"io.gnomon.Control.SetManual", Right::operate, "on", run_operator_command},
    Method{"io.gnomon.Control.ResetManual", Right::operate, "", run_operator_command},
    Method{"io.gnomon.Control.DeleteManual", Right::operate, "index", run_operator_command},
    Method{"io.gnomon.Control.SetTime", Right::operate, "time", set_time},
    Method{"io.gnomon.Control.ManualList", Right::observe, "", manual_list},
};

// Varlink has no reply to what is not a call: the connection ends.
Answer not_a_call(CallError error) {
  if (error == CallError::bad_member || error == CallError::upgrade) {
    auto reply = invalid_parameter(error == CallError::upgrade ? "upgrade" : "call");
    reply.then = AfterReply::close;
    return reply;
  }
  return {.text = "", .then = AfterReply::close, .refused = true};
}

Answer unknown_method(const std::string& method) {
  const auto dot = method.rfind('.');
  const auto interface = std::string_view{method}.substr(0, dot == std::string::npos ? 0 : dot);
  if (interface == control_interface || interface == service_interface) return method_not_found(method);
  return refusal("org.varlink.service.InterfaceNotFound", {{"interface", interface}});
}

Answer not_permitted() {
  return refusal(
      "io.gnomon.Control.NotPermitted",
      {{"explanation",
        "Only root and members of the group gnomon-operators may do this. Run the command with sudo."}});
}

Answer give(const std::expected<SourceCommand, std::string>& order, Reporter& reporter) {
  if (!order) return invalid_parameter(order.error());
  if (const auto done = reporter.carry_out(*order); !done) return failure(done.error());
  return {.text = to_reply({})};
}

Answer handle(const Method& method, const Call& call, Reporter& reporter) {
  for (const auto& parameter : call.parameters)
    if (!holds_name(method.parameters, parameter.key())) return invalid_parameter(parameter.key());
  return method.handle(call, reporter);
}

// Who only looks and wants no answer wants nothing but our time.
Answer pointless() {
  return {.text = "", .then = AfterReply::close, .refused = true};
}

// What may be asked comes before how: who has no right learns nothing of the parameters.
Answer carry_out(const Call& call, Right right, Reporter& reporter, ReplyMemory* memory) {
  const auto* method = std::ranges::find(methods, std::string_view{call.method}, &Method::name);
  const bool about_sources = runs_source_command(call.method);
  if (method == methods.end() && !about_sources) return unknown_method(call.method);
  if (about_sources || method->right == Right::operate) {
    if (right != Right::operate) return not_permitted();
    if (memory != nullptr) memory->clear();
    return about_sources ? give(source_command(call.method, call.parameters), reporter)
                         : handle(*method, call, reporter);
  }
  if (call.oneway) return pointless();
  if (memory == nullptr || !call.parameters.empty() || !method->parameters.empty())
    return handle(*method, call, reporter);
  return {.text = memory->reply(method->name, [&] { return method->handle(call, reporter).text; })};
}

}  // namespace

Answer answer(std::string_view message, Right right, Reporter& reporter, ReplyMemory* memory) {
  const auto call = parse_call(message);
  if (!call) return not_a_call(call.error());
  auto made = carry_out(*call, right, reporter, memory);
  if (call->oneway) made.text.clear();
  return made;
}

}  // namespace gnomon::core::control
