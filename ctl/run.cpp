// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/run.hpp"

#include <fmt/format.h>

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <utility>

#include "base/address.hpp"
#include "ctl/devices/find_clocks.hpp"
#include "ctl/refclocks.hpp"
#include "ctl/terminal/terminal.hpp"
#include "ctl/varlink/complaint.hpp"
#include "ctl/varlink/varlink_client.hpp"
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

CallResult call_daemon(const Request& request, Allowance* shared = nullptr) {
  const auto limit = std::max(request.time_limit, request.call.at_least);
  return call(request.socket, "io.gnomon.Control." + request.call.method, request.call.parameters, limit,
              shared);
}

// For a list in parts.
Allowance allowance(const Request& request) {
  constexpr int replies_in_time = 12;
  return {.until = std::chrono::steady_clock::now() + replies_in_time * request.time_limit};
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
  auto shared = allowance(request);
  CallResult all = call_daemon(request, &shared);
  if (all) static_cast<void>(Record(*all).records(list));
  while (all && all->contains("next")) {
    request.call.parameters["first"] = all->at("next");
    const auto page = call_daemon(request, &shared);
    if (!page) return page;
    append(*page, list, *all);
  }
  return all;
}

Result result_of(const std::expected<std::string, std::string>& made) {
  if (made) return {.text = *made};
  return {.complaint = made.error(), .status = 1};
}

Result ask(const Request& request) {
  const CallResult reply = request.call.pages.empty() ? call_daemon(request) : call_for_pages(request);
  const bool tells_by_status = request.call.is_good != nullptr;
  if (!reply)
    return {.complaint = complaint(reply.error(), request.socket), .status = tells_by_status ? 2 : 1};
  auto result = result_of(show(request, *reply));
  if (tells_by_status && !request.call.is_good(*reply)) result.status = 1;
  return result;
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

std::expected<std::string, std::string> wait_bound(const Request& request, const WaitBound& wanted) {
  const auto begun = std::chrono::steady_clock::now();
  const WaitBoundContext context{
      .tracking =
          [&] {
            constexpr std::chrono::duration<double> shortest{0.1};
            auto hasty = request;
            if (wanted.timeout) {
              const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begun;
              const auto left = std::max(*wanted.timeout - passed, shortest);
              if (left < hasty.time_limit)
                hasty.time_limit = std::chrono::ceil<std::chrono::milliseconds>(left);
            }
            return call_daemon(hasty);
          },
      .explain = [&] { return call(request.socket, "io.gnomon.Control.Explain", {}, request.time_limit); },
      .sleep = [](std::chrono::duration<double> pause) { std::this_thread::sleep_for(pause); },
      .elapsed = [begun]() -> std::chrono::duration<double> {
        return std::chrono::steady_clock::now() - begun;
      }};
  return wait_for_bound(wanted, request.socket, context);
}

Result events_of(const Request& request, const EventsWish& wish) {
  const std::string method = "io.gnomon.Control.Events";
  auto shared = allowance(request);
  const EventsContext context{
      .call =
          [&](const auto& parameters) {
            return call(request.socket, method, parameters, request.time_limit, &shared);
          },
      .call_more =
          [&](const auto& parameters, const auto& take) {
            return call_more(request.socket, method, parameters, request.time_limit, take);
          },
      .pause =
          [] {
            std::this_thread::sleep_for(std::chrono::seconds{1});
            return true;
          },
      .print =
          [](const std::string& text) {
            return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
                   std::fflush(stdout) == 0;
          },
      .remark =
          [](const std::string& sentence) { std::fprintf(stderr, "gnomonctl: %s\n", sentence.c_str()); }};
  if (wish.follow) {
    const auto ended = follow_events(wish, request.json, request.view, context);
    if (ended) return {};
    return {.complaint = complaint(ended.error(), request.socket), .status = 1};
  }
  const auto text = list_events(wish, request.json, request.view, context);
  if (!text) return {.complaint = complaint(text.error(), request.socket), .status = 1};
  return {.text = *text};
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "this machine";
}

double now_in_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// `shared`: outlives the function; null: each call stands alone.
AskDaemon asking(const Request& request, std::chrono::milliseconds limit, Allowance* shared = nullptr) {
  return [&request, limit, shared](const std::string& method,
                                   const auto& parameters) -> std::expected<boost::json::object, AskFault> {
    auto reply = call(request.socket, "io.gnomon.Control." + method, parameters, limit, shared);
    if (reply) return std::move(*reply);
    return std::unexpected(AskFault{.sentence = complaint(reply.error(), request.socket),
                                    .refused = reply.error().fault == CallFault::replied});
  };
}

Result report_of(const Request& request, const ReportWish& wish) {
  auto shared = allowance(request);
  const auto page = make_report(wish, {.now = now_in_seconds(),
                                       .utc = request.view.utc,
                                       .host = host_name(),
                                       .version = GNOMON_VERSION,
                                       .ask = asking(request, request.time_limit, &shared)});
  if (!page) return {.complaint = page.error(), .status = 1};
  if (wish.file == "-") return {.text = *page};
  if (const auto written = write_report(wish.file, *page); !written)
    return {.complaint = written.error(), .status = 1};
  return {};
}

// The daemon writes nothing down before the file is there.
Result record_of(const Request& request, const RecordWish& wish) {
  auto file = RecordFile::create(wish.file, wish.overwrite);
  if (!file) return {.complaint = file.error(), .status = 1};
  const StopSignals signals;
  const auto begun = std::chrono::steady_clock::now();
  const auto is_over = [&] {
    return wish.length &&
           std::chrono::steady_clock::now() - begun >= std::chrono::duration<double>{*wish.length};
  };
  std::expected<void, std::string> written;
  const auto take = [&](const Reply& reply) {
    written = file->write_reply(reply);
    return written.has_value();
  };
  const auto ended = call_more(request.socket, "io.gnomon.Control.Record", {}, request.time_limit, take,
                               [&] { return !StopSignals::came() && !is_over(); });
  if (!ended && file->lines() == 0)
    return {.complaint = complaint(ended.error(), request.socket), .status = 1};
  if (written) written = file->finish(!ended ? "daemon_ended" : is_over() ? "time" : "interrupted");
  if (!written) return {.complaint = written.error(), .status = 1};
  if (!ended)
    return {.complaint = fmt::format("{} ends before its time: {}", wish.file,
                                     complaint(ended.error(), request.socket)),
            .status = 1};
  auto text = fmt::format("{}: {} lines. To see what was decided: gnomon-replay {}\n", wish.file,
                          file->lines(), wish.file);
  if (file->lost() > 0)
    return {.text = text,
            .complaint = fmt::format("{} lines were lost, as they were not written as fast as they came: the "
                                     "record can be replayed up to there",
                                     file->lost()),
            .status = 1};
  return {.text = text};
}

WatchContext watch_context(const Request& request) {
  // The keys are looked at in between.
  constexpr std::chrono::milliseconds longest{2000};
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return std::string{value == nullptr ? "" : value};
  };
  const bool unicode =
      shows_unicode({variable("LC_ALL"), variable("LC_CTYPE"), variable("LANG")}, variable("TERM"));
  return {.ask = asking(request, std::min(request.time_limit, longest)),
          .now = now_in_seconds,
          .canvas =
              [&request, unicode] {
                const auto terminal = look_at_terminal();
                return Canvas{.width = terminal.width > 0 ? terminal.width : 80,
                              .height = terminal.height > 0 ? terminal.height : 30,
                              .unicode = unicode,
                              .colours = terminal.colours,
                              .utc = request.view.utc};
              },
          .host = host_name()};
}

Result watch_of(const Request& request, const WatchWish& wish) {
  const auto context = watch_context(request);
  if (wish.once) return result_of(watch_once(context));
  const char* const type = std::getenv("TERM");
  if (!look_at_terminal().is_one || type == nullptr || std::string_view{type} == "dumb")
    return {.complaint = "this terminal cannot be drawn on. One picture as text: gnomonctl watch --once",
            .status = 1};
  watch(context);
  return {};
}

}  // namespace

Result run(const Request& request) {
  const auto& call = request.call;
  try {
    if (call.refclocks) return result_of(show(request, refclocks_reply(find_clocks())));
    if (call.key) return result_of(make_key(request, *call.key));
    if (call.wait) return result_of(wait(request, *call.wait));
    if (call.events) return events_of(request, *call.events);
    if (call.report) return report_of(request, *call.report);
    if (call.watch) return watch_of(request, *call.watch);
    if (call.recording) return record_of(request, *call.recording);
    if (call.bound) return result_of(wait_bound(request, *call.bound));
    return ask(request);
  } catch (const ReplyFault& fault) {
    return {.complaint = version_complaint(fault.what(), request.socket),
            .status = call.is_good != nullptr ? 2 : 1};
  }
}

}  // namespace gnomon::ctl
