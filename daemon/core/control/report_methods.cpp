// SPDX-License-Identifier: GPL-2.0-or-later
// The methods that only look, and those of varlink itself.
#include <array>
#include <ranges>

#include <boost/json/array.hpp>

#include "daemon/core/control/event_methods.hpp"
#include "daemon/core/control/measurement_methods.hpp"
#include "daemon/core/control/message.hpp"
#include "daemon/core/control/method.hpp"
#include "daemon/core/control/record_methods.hpp"
#include "daemon/core/control/render.hpp"
#include "daemon/core/control/schema.hpp"

namespace gnomon::core::control {

namespace json = boost::json;

namespace {

Answer list_of(std::string_view name, auto&& items, auto&& render_one) {
  json::array list;
  for (const auto& item : items) list.push_back(render_one(item));
  json::object parameters;
  parameters[name] = std::move(list);
  return {.text = to_reply(parameters)};
}

template <auto RenderOne>
Answer sources(Parameters& /*none*/, Reporter& from) {
  return list_of("sources", from.sources(), RenderOne);
}

// Those that are asked over the network.
template <auto RenderOne>
Answer servers(Parameters& /*none*/, Reporter& from) {
  const auto all = from.sources();
  return list_of("sources", all | std::views::filter([](const SourceReport& one) {
                              return !one.association.is_refclock();
                            }),
                 RenderOne);
}

template <auto Report>
Answer report(Parameters& /*none*/, Reporter& from) {
  return {.text = to_reply(render((from.*Report)()))};
}

Answer activity(Parameters& /*none*/, Reporter& from) {
  return {.text = to_reply(render_activity(count_activity(from.sources(), from.missing_members())))};
}

bool is_called(const engine::ExplainedSource& source, const std::string& name) {
  if (source.report.name == name) return true;
  const auto address = base::parse_address(name);
  return address && *address == source.report.address;
}

Answer explain(Parameters& parameters, Reporter& from) {
  auto report = from.explain();
  if (!parameters.has("source")) return {.text = to_reply(render(report))};
  const auto wanted = parameters.text("source");
  if (parameters.wrong()) return invalid_parameter(*parameters.wrong());
  std::erase_if(report.sources, [&wanted](const auto& each) { return !is_called(each, wanted); });
  if (report.sources.empty())
    return refusal(
        "io.gnomon.Control.Failed",
        {{"explanation", "There is no such source. `gnomonctl -N sources -a` lists those that there are."}});
  return {.text = to_reply(render(report))};
}

Answer certificates(Parameters& /*none*/, Reporter& from) {
  return list_of("certificates", from.certificates(), [](const auto& one) { return render(one); });
}

Answer real_time_clock(Parameters& /*none*/, Reporter& from) {
  const auto report = from.real_time_clock();
  if (!report.used)
    return outcome(std::unexpected(engine::Refusal{engine::RefusalKind::not_enabled,
                                                   "The real-time clock is not tracked: set rtcfile in the "
                                                   "configuration; if it is set, the log says why."}));
  return {.text = to_reply(render(report))};
}

Answer manual_list(Parameters& /*none*/, Reporter& from) {
  return list_of("entries", from.manual_entries(), [](const auto& one) { return render(one); });
}

// Without a format: the standard one.
Answer metrics(Parameters& parameters, Reporter& from) {
  const bool plain =
      parameters.has("format") && parameters.word("format", {"openmetrics", "prometheus"}) == "prometheus";
  if (parameters.wrong()) return invalid_parameter(*parameters.wrong());
  const auto format = plain ? ipc::MetricsFormat::prometheus : ipc::MetricsFormat::openmetrics;
  return {.text = to_reply({{"text", from.metrics(format)}})};
}

Answer get_info(Parameters& /*none*/, Reporter& /*reporter*/) {
  return {.text = to_reply({{"vendor", "gnomon"},
                            {"product", "gnomond"},
                            {"version", daemon_version},
                            {"url", ""},
                            {"interfaces", json::array{"org.varlink.service", "io.gnomon.Control"}}})};
}

Answer get_interface_description(Parameters& parameters, Reporter& /*reporter*/) {
  const auto wanted = parameters.text("interface");
  if (parameters.wrong()) return invalid_parameter(*parameters.wrong());
  if (wanted == "io.gnomon.Control") return {.text = to_reply({{"description", control_description}})};
  if (wanted == "org.varlink.service") return {.text = to_reply({{"description", service_description}})};
  return refusal("org.varlink.service.InterfaceNotFound", {{"interface", wanted}});
}

constexpr std::array report_table{
    Method{"org.varlink.service.GetInfo", Right::observe, "", get_info},
    Method{"org.varlink.service.GetInterfaceDescription", Right::observe, "interface",
           get_interface_description},
    Method{"io.gnomon.Control.Tracking", Right::observe, "", report<&Reporter::tracking>},
    Method{"io.gnomon.Control.Events", Right::observe, "after since limit", list_events, follow_events},
    Method{"io.gnomon.Control.Metrics", Right::observe, "format", metrics},
    Method{"io.gnomon.Control.Measurements", Right::observe, "after since limit", list_measurements,
           follow_measurements},
    // The whole configuration and everybody's addresses are in it.
    Method{"io.gnomon.Control.Record", Right::operate, "", record_once, record},
    Method{"io.gnomon.Control.Explain", Right::observe, "source", explain},
    Method{"io.gnomon.Control.Sources", Right::observe, "", sources<render_source>},
    Method{"io.gnomon.Control.SourceStats", Right::observe, "", sources<render_statistics>},
    Method{"io.gnomon.Control.AuthData", Right::observe, "", servers<render_auth_data>},
    Method{"io.gnomon.Control.NtpData", Right::observe, "", servers<render_ntp_data>},
    Method{"io.gnomon.Control.SelectData", Right::observe, "", sources<render_select_data>},
    Method{"io.gnomon.Control.Activity", Right::observe, "", activity},
    Method{"io.gnomon.Control.ServerStats", Right::observe, "", report<&Reporter::server>},
    Method{"io.gnomon.Control.Certificates", Right::observe, "", certificates},
    Method{"io.gnomon.Control.Smoothing", Right::observe, "", report<&Reporter::smoothing>},
    Method{"io.gnomon.Control.RtcData", Right::observe, "", real_time_clock},
    Method{"io.gnomon.Control.ManualList", Right::observe, "", manual_list},
};

}  // namespace

Methods report_methods() {
  return report_table;
}

}  // namespace gnomon::core::control
