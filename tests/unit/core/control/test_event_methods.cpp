// SPDX-License-Identifier: GPL-2.0-or-later
// The method Events: what is kept, since when, in how many replies.
#include "daemon/core/control/event_methods.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <string>
#include <vector>

#include "base/journal_datagram.hpp"
#include "daemon/core/control/kept_methods.hpp"
#include "daemon/core/control/methods.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/core/control/reporter.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
namespace control = core::control;
namespace json = boost::json;

namespace {

struct SetClock final : base::Clock {
  [[nodiscard]] base::Now now() const override { return at; }
  [[nodiscard]] base::Duration asleep() const override { return {}; }
  base::Now at{base::RealTime{1000s}, base::MonoTime{10s}};
};

struct Kept {
  explicit Kept(std::size_t size) : words(size / 8) { reporter.event_log = &log; }
  void add(const std::string& text) {
    base::JournalDatagram datagram;
    base::add_message(datagram, "core", {base::LogEvent::source_reachable, text, {}}, 0);
    log.on_written(datagram.bytes());
  }
  json::object ask(const std::string& parameters, bool more = false) {
    auto text =
        control::answer(R"({"method":"io.gnomon.Control.Events","more":)" +
                            std::string{more ? "true" : "false"} + R"(,"parameters":)" + parameters + "}",
                        control::Right::observe, reporter)
            .text;
    text.pop_back();
    return json::parse(text).as_object();
  }
  // The texts of the reply.
  std::vector<std::string> told(const std::string& parameters) {
    std::vector<std::string> texts;
    const auto reply = ask(parameters);
    for (const auto& event : reply.at("parameters").as_object().at("events").as_array())
      texts.emplace_back(event.as_object().at("fields").as_object().at("MESSAGE").as_string());
    return texts;
  }

  SetClock clock;
  std::vector<std::uint64_t> words;
  core::EventLog log{{reinterpret_cast<std::uint8_t*>(words.data()), words.size() * 8},
                     clock};  // NOLINT: octets
  testing::SetReporter reporter;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("events come with their number, their time and the journal's fields") {
  Kept kept{8192};
  kept.add("Source a reachable");
  const auto reply = kept.ask("{}");
  CHECK_FALSE(reply.contains("continues"));
  const auto& parameters = reply.at("parameters").as_object();
  CHECK(parameters.at("last").as_int64() == 1);
  const auto& event = parameters.at("events").as_array().at(0).as_object();
  CHECK(event.at("sequence").as_int64() == 1);
  CHECK(event.at("time").as_double() == 1000);
  CHECK(event.at("fields").as_object().at("GNOMON_EVENT").as_string() == "source_reachable");
  CHECK(event.at("fields").as_object().at("PRIORITY").as_string() == "6");
}

TEST_CASE("only those behind a number, the last ones, and those since a time") {
  Kept kept{8192};
  kept.add("one");
  kept.clock.at = {base::RealTime{1010s}, base::MonoTime{20s}};
  kept.add("two");
  kept.add("three");
  CHECK(kept.told("{}") == Texts{"one", "two", "three"});
  CHECK(kept.told(R"({"after":1})") == Texts{"two", "three"});
  CHECK(kept.told(R"({"limit":1})") == Texts{"three"});
  CHECK(kept.told(R"({"limit":0})").empty());
  CHECK(kept.told(R"({"since":1005})") == Texts{"two", "three"});
  // Numbers of a memory that is gone.
  CHECK(kept.told(R"({"after":77})") == Texts{"one", "two", "three"});
}

TEST_CASE("a clock that was set since does not hide what has just happened") {
  Kept kept{8192};
  kept.clock.at = {base::RealTime{5s}, base::MonoTime{10s}};  // 1970
  kept.add("before the step");
  kept.clock.at = {base::RealTime{1000000s}, base::MonoTime{20s}};
  CHECK(kept.told(R"({"since":999980})") == Texts{"before the step"});
  CHECK(kept.told(R"({"since":999995})").empty());
}

TEST_CASE("what does not fit into one reply comes with the next, and what was lost is counted") {
  Kept kept{1U << 20U};
  for (int i = 0; i < 2000; ++i) kept.add(std::to_string(i));
  const auto first = kept.told("{}");
  CHECK(first.size() < 2000);
  CHECK(kept.told("{\"after\":" + std::to_string(first.size()) + "}").front() ==
        std::to_string(first.size()));
  Kept small{1024};
  for (int i = 0; i < 100; ++i) small.add(std::to_string(i));
  const auto reply = small.ask(R"({"after":50})");
  const auto& parameters = reply.at("parameters").as_object();
  const auto oldest =
      parameters.at("events").as_array().at(0).as_object().at("sequence").to_number<std::uint64_t>();
  CHECK(parameters.at("lost").to_number<std::uint64_t>() == oldest - 51);
  CHECK(small.ask("{}").at("parameters").as_object().at("lost").as_int64() == 0);
}

TEST_CASE("wrong parameters, a daemon that keeps nothing, and too many who follow") {
  Kept kept{8192};
  for (const char* wrong :
       {R"({"after":-1})", R"({"after":"x"})", R"({"since":1e30})", R"({"limit":1.5})", R"({"x":1})"})
    CHECK(kept.ask(wrong).at("error").as_string() == "org.varlink.service.InvalidParameter");
  CHECK(kept.ask("{}", true).at("continues").as_bool());
  std::list<core::EventLog::Follower> followers;
  for (std::size_t i = 0; i < control::most_followers; ++i) followers.emplace_back(kept.log, [] {});
  CHECK(kept.ask("{}", true).at("error").as_string() == "io.gnomon.Control.Failed");
  followers.clear();
  CHECK_FALSE(kept.ask("{}", true).contains("error"));
  kept.reporter.event_log = nullptr;
  CHECK(kept.ask("{}").at("error").as_string() == "io.gnomon.Control.Failed");
}
