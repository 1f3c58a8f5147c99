// SPDX-License-Identifier: GPL-2.0-or-later
// The methods that only look, and those of varlink itself.
#include <array>
#include <ranges>

#include <boost/json/array.hpp>

#include "daemon/core/control/message.hpp"
#include "daemon/core/control/method.hpp"
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

Answer certificates(Parameters& /*none*/, Reporter& from) {
  return list_of("certificates", from.certificates(), [](const auto& one) { return render(one); });
}

Answer manual_list(Parameters& /*none*/, Reporter& from) {
  return list_of("entries", from.manual_entries(), [](const auto& one) { return render(one); });
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

constexpr std::array methods{
    Method{"org.varlink.service.GetInfo", Right::observe, "", get_info},
    Method{"org.varlink.service.GetInterfaceDescription", Right::observe, "interface",
           get_interface_description},
    Method{"io.gnomon.Control.Tracking", Right::observe, "", report<&Reporter::tracking>},
    Method{"io.gnomon.Control.Sources", Right::observe, "", sources<render_source>},
    Method{"io.gnomon.Control.SourceStats", Right::observe, "", sources<render_statistics>},
    Method{"io.gnomon.Control.AuthData", Right::observe, "", servers<render_auth_data>},
    Method{"io.gnomon.Control.NtpData", Right::observe, "", servers<render_ntp_data>},
    Method{"io.gnomon.Control.SelectData", Right::observe, "", sources<render_select_data>},
    Method{"io.gnomon.Control.Activity", Right::observe, "", activity},
    Method{"io.gnomon.Control.ServerStats", Right::observe, "", report<&Reporter::server>},
    Method{"io.gnomon.Control.Certificates", Right::observe, "", certificates},
    Method{"io.gnomon.Control.Smoothing", Right::observe, "", report<&Reporter::smoothing>},
    Method{"io.gnomon.Control.ManualList", Right::observe, "", manual_list},
};

}  // namespace

Methods report_methods() {
  return methods;
}

}  // namespace gnomon::core::control
