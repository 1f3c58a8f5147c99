// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/run.hpp"

#include <fmt/format.h>

#include <sys/random.h>

#include <boost/json/array.hpp>
#include <cerrno>
#include <cstdio>
#include <thread>
#include <utility>

#include "base/address.hpp"
#include "ctl/complaint.hpp"
#include "ctl/devices/find_clocks.hpp"
#include "ctl/refclocks.hpp"
#include "ctl/varlink_client.hpp"
#include "ctl/waitsync.hpp"

namespace gnomon::ctl {

namespace {

std::string shown(const Request& request, const View& view, const Reply& reply) {
  if (request.json) return render_json(reply);
  const Render render = request.call.render != nullptr ? request.call.render : request.command->render;
  return render(reply, view);
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

std::expected<std::string, std::string> show(const Request& request, const Reply& reply) {
  const auto& source = request.call.source;
  if (!source) return shown(request, request.view, reply);
  const Reply chosen = only_source(reply, *source);
  const std::size_t count = chosen.at("sources").as_array().size();
  if (count == 0)
    return std::unexpected(fmt::format(
        "there is no source '{}' with an address. To list them: gnomonctl -N sources -a", *source));
  View view = request.view;
  view.single = count == 1;
  return shown(request, view, chosen);
}

namespace {

CallResult call_daemon(const Request& request) {
  return call(request.socket, "io.gnomon.Control." + request.call.method, request.call.parameters,
              request.time_limit);
}

// Throws ReplyFault.
void append(const Reply& page, const std::string& list, Reply& all) {
  static_cast<void>(Record(page).records(list));
  auto& into = all.at(list).as_array();
  for (const auto& element : page.at(list).as_array()) into.push_back(element);
  all.erase("next");
  if (page.contains("next")) all["next"] = page.at("next");
}

// All parts of a list as one reply.
CallResult call_for_pages(Request request) {
  const auto& list = request.call.pages;
  CallResult all = call_daemon(request);
  if (all) static_cast<void>(Record(*all).records(list));
  while (all && all->contains("next")) {
    request.call.parameters["first"] = all->at("next");
    const auto page = call_daemon(request);
    if (!page) return page;
    append(*page, list, *all);
  }
  return all;
}

std::expected<std::string, std::string> ask(const Request& request) {
  const CallResult reply = request.call.pages.empty() ? call_daemon(request) : call_for_pages(request);
  if (!reply) return std::unexpected(complaint(reply.error(), request.socket));
  return show(request, *reply);
}

std::expected<std::string, std::string> make_key(const Request& request, const KeyWish& wish) {
  std::vector<std::uint8_t> octets(wish.size);
  ssize_t got = 0;
  do got = getrandom(octets.data(), octets.size(), 0);
  while (got < 0 && errno == EINTR);
  if (got != static_cast<ssize_t>(octets.size())) return std::unexpected("the kernel gives no random octets");
  return show(request, key_reply(wish, octets));
}

std::expected<std::string, std::string> wait(const Request& request, const WaitSync& wanted) {
  const WaitContext context{
      .tracking = [&] { return call_daemon(request); },
      .sleep = [](std::chrono::duration<double> pause) { std::this_thread::sleep_for(pause); },
      .print =
          [](const std::string& line) {
            std::fputs(line.c_str(), stdout);
            std::fflush(stdout);
          }};
  if (wait_until_synchronised(wanted, request.socket, context)) return "";
  return std::unexpected(
      fmt::format("the clock did not follow a source closely enough within {} tries. To see the sources and "
                  "their state: gnomonctl -N sources -a",
                  wanted.max_tries));
}

}  // namespace

std::expected<std::string, std::string> run(const Request& request) {
  try {
    if (request.call.refclocks) return show(request, refclocks_reply(find_clocks()));
    if (request.call.key) return make_key(request, *request.call.key);
    return request.call.wait ? wait(request, *request.call.wait) : ask(request);
  } catch (const ReplyFault& fault) {
    return std::unexpected(version_complaint(fault.what(), request.socket));
  }
}

}  // namespace gnomon::ctl
