// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/commands.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json/array.hpp>
#include <cstdio>
#include <thread>
#include <utility>

#include "base/address.hpp"
#include "ctl/complaint.hpp"
#include "ctl/operator_commands.hpp"
#include "ctl/waitsync.hpp"

namespace gnomon::ctl {

namespace {

// A first NTS key exchange or a rekey of many certificates keeps the daemon busy for less than this.
constexpr std::chrono::milliseconds time_limit{5000};

struct Handler {
  Command command;
  const char* method;
  std::string (*render)(const Reply&, const View&);
};

constexpr std::array handlers{
    Handler{Command::activity, "Activity", render_activity},
    Handler{Command::authdata, "AuthData", render_authdata},
    Handler{Command::certificates, "Certificates", render_certificates},
    Handler{Command::ntpdata, "NtpData", render_ntpdata},
    Handler{Command::order, "", render_done},
    Handler{Command::rekey, "Rekey", render_done},
    Handler{Command::selectdata, "SelectData", render_selectdata},
    Handler{Command::serverstats, "ServerStats", render_serverstats},
    Handler{Command::shutdown, "Shutdown", render_done},
    Handler{Command::smoothing, "Smoothing", render_smoothing},
    Handler{Command::smoothtime_activate, "SmoothTimeActivate", render_done},
    Handler{Command::smoothtime_reset, "SmoothTimeReset", render_done},
    Handler{Command::sourcename, "Sources", render_sourcename},
    Handler{Command::sources, "Sources", render_sources},
    Handler{Command::sourcestats, "SourceStats", render_sourcestats},
    Handler{Command::tracking, "Tracking", render_tracking},
};

const Handler& handler_of(Command command) {
  for (const Handler& handler : handlers)
    if (handler.command == command) return handler;
  std::unreachable();
}

std::string shown(Command command, bool as_json, const View& view, const Reply& reply) {
  return as_json ? render_json(reply) : handler_of(command).render(reply, view);
}

bool is_called(const Record& source, const std::string& name) {
  const auto wanted = base::parse_address(name);
  return source.optional_text("address") == (wanted ? base::to_string(*wanted) : name) ||
         (is_resolved(source) && source.text("name") == name);
}

// The reply with no other source in it than those of this address or configured name.
Reply only_source(const Reply& reply, const std::string& name) {
  boost::json::array chosen;
  const auto all = Record(reply).records("sources");
  for (std::size_t i = 0; i < all.size(); ++i)
    if (is_called(all[i], name)) chosen.push_back(reply.at("sources").as_array().at(i));
  return {{"sources", std::move(chosen)}};
}

}  // namespace

std::string method_of(Command command) {
  return fmt::format("io.gnomon.Control.{}", handler_of(command).method);
}

std::expected<std::string, std::string> show(const Request& request, const Reply& reply) {
  if (!request.source) return shown(request.command, request.json, request.view, reply);
  const Reply chosen = only_source(reply, *request.source);
  const std::size_t count = chosen.at("sources").as_array().size();
  if (count == 0)
    return std::unexpected(fmt::format(
        "no source '{}' that has an address. Those known: gnomonctl -N sources -a", *request.source));
  View view = request.view;
  view.single = count == 1;
  return shown(request.command, request.json, view, chosen);
}

namespace {

std::expected<std::string, std::string> run_operator_command(const Request& request) {
  const auto asking = operator_command_of(request.command, request.words);
  if (!asking) return std::unexpected(asking.error());
  const CallResult reply = call(request.socket, asking->method, asking->parameters, time_limit);
  if (!reply) return std::unexpected(complaint(reply.error(), request.socket));
  return request.json ? render_json(*reply) : asking->render(*reply, request.view);
}

std::expected<std::string, std::string> ask(const Request& request) {
  const bool order = request.command == Command::order;
  const std::string method = order ? "io.gnomon.Control." + request.order.method : method_of(request.command);
  const CallResult reply = call(request.socket, method, request.order.parameters, time_limit);
  if (!reply) return std::unexpected(complaint(reply.error(), request.socket));
  return show(request, *reply);
}

std::expected<std::string, std::string> wait(const Request& request) {
  const auto wanted = parse_waitsync(request.words);
  if (!wanted) return std::unexpected("the words are not understood. Usage: gnomonctl " + wanted.error());
  const WaitContext around{
      .tracking = [&] { return call(request.socket, method_of(Command::tracking), {}, time_limit); },
      .sleep = [](std::chrono::duration<double> pause) { std::this_thread::sleep_for(pause); },
      .print =
          [](const std::string& line) {
            std::fputs(line.c_str(), stdout);
            std::fflush(stdout);
          }};
  if (wait_until_synchronised(*wanted, request.socket, around)) return "";
  return std::unexpected(
      fmt::format("the clock did not follow a source closely enough within {} tries. Which sources there are "
                  "and how they are judged: gnomonctl -N sources -a",
                  wanted->max_tries));
}

}  // namespace

std::expected<std::string, std::string> run(const Request& request) {
  try {
    if (request.command == Command::waitsync) return wait(request);
    return is_operator_command(request.command) ? run_operator_command(request) : ask(request);
  } catch (const ReplyFault& fault) {
    return std::unexpected(version_complaint(fault.what(), request.socket));
  }
}

}  // namespace gnomon::ctl
