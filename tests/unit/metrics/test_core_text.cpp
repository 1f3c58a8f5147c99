// SPDX-License-Identifier: GPL-2.0-or-later
// The core is played by the far end of a channel.
#include "helpers/metrics/core_text.hpp"

#include <vector>

#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using ipc::MetricsFormat;
using metrics::CoreText;
using namespace std::chrono_literals;

namespace {

using Got = std::optional<CoreText::Text>;

// What fetch() fills in has to live longer.
struct Fixture {
  testing::Loop loop;
  testing::FarEnd core;
  async::Channel channel{loop.io, core.take_near(), ipc::Link::metrics, ipc::Sender::core};
  CoreText text{loop.loop, channel};
  bool legal = true;

  Fixture() { loop.tasks.spawn("hear", hear()); }
  ~Fixture() { loop.drain(); }
  asio::awaitable<void> hear() {
    while (legal) {
      const auto received = co_await channel.receive();
      if (!received) co_return;
      legal = text.accept(received->frame);
    }
  }
  asio::awaitable<void> fetch(MetricsFormat format, Got& into) {
    auto got = co_await text.text(format);
    into = std::move(got);
  }
  void ask(Got& into, MetricsFormat format = MetricsFormat::openmetrics) {
    loop.tasks.spawn("fetch", fetch(format, into));
    loop.run_ready();
  }
  testing::Heard<ipc::ReadMetrics> asked() { return testing::read_as<ipc::ReadMetrics>(core.receive()); }
  void tell(std::uint32_t id, std::string words, bool last = true) {
    core.send(ipc::MetricsPart{.last = last, .text = std::move(words)}, id);
    loop.run_ready();
  }
};

}  // namespace

TEST_CASE("many who ask at once are one request, and all get its text") {
  std::vector<Got> got(100);
  Got later;
  Fixture f;
  for (auto& each : got) f.ask(each);
  const auto request = f.asked();
  CHECK(request.message.format == MetricsFormat::openmetrics);
  f.tell(request.id, "one ", false);
  CHECK_FALSE(got[0]);
  f.tell(request.id, "two");
  for (const auto& each : got) {
    REQUIRE(each);
    REQUIRE(*each);
    CHECK(**each == "one two");
  }
  // And those that come soon after.
  f.loop.advance(metrics::text_moment - 1ms);
  f.ask(later);
  REQUIRE(later);
  CHECK(*later == *got[0]);
}

TEST_CASE("after a moment the core is asked again, and each format is a text of its own") {
  Got first;
  Got plain;
  Got second;
  Fixture f;
  f.ask(first);
  const auto request = f.asked();
  f.ask(plain, MetricsFormat::prometheus);
  const auto other = f.asked();
  CHECK(other.message.format == MetricsFormat::prometheus);
  f.tell(other.id, "plain");
  f.tell(request.id, "open");
  CHECK(**plain == "plain");
  CHECK(**first == "open");
  f.loop.advance(metrics::text_moment);
  f.ask(second);
  f.tell(f.asked().id, "newer");
  CHECK(**second == "newer");
}

TEST_CASE("a core that does not answer is not waited for for ever, nor asked again and again") {
  Got got;
  Got another;
  Fixture f;
  f.ask(got);
  const auto request = f.asked();
  f.loop.run_until([&] { return got.has_value(); });
  CHECK(*got == nullptr);
  f.ask(another);
  CHECK_FALSE(another);
  f.tell(request.id, "late");
  REQUIRE(another);
  CHECK(**another == "late");
}

TEST_CASE("what was not asked for, and what does not end, is refused") {
  Got got;
  Fixture f;
  f.ask(got);
  const auto request = f.asked();
  SECTION("another request's text") {
    f.tell(request.id + 1, "x");
    CHECK_FALSE(f.legal);
  }
  SECTION("a text after the last part") {
    f.tell(request.id, "x");
    CHECK(f.legal);
    f.tell(request.id, "x");
    CHECK_FALSE(f.legal);
  }
  SECTION("a text without an end") {
    const std::string part(ipc::MetricsPart::most_octets, 'x');
    for (std::size_t size = 0; size <= ipc::most_metrics_octets && f.legal; size += part.size())
      f.tell(request.id, part, false);
    CHECK_FALSE(f.legal);
  }
}
