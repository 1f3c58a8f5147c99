// SPDX-License-Identifier: GPL-2.0-or-later
// A gnomon-metrics that may do what it likes, at the far end of a channel.
#include "daemon/core/links/metrics_link.hpp"

#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using core::MetricsLink;
using testing::FarEnd;

namespace {

struct Fixture {
  testing::Loop loop;
  std::string text = "text\n";
  int made = 0;
  std::vector<std::string> lost;
  MetricsLink link{loop.tasks,
                   {.text =
                        [this](ipc::MetricsFormat) {
                          ++made;
                          return text;
                        },
                    .on_disconnect = [this](const std::string& why) { lost.push_back(why); }}};

  ~Fixture() { loop.drain(); }
  void connect(FarEnd& role) {
    link.connect(role.take_near());
    loop.run_ready();
  }
  std::string read(FarEnd& role, std::uint32_t id) {
    std::string all;
    while (true) {
      const auto part = testing::read_as<ipc::MetricsPart>(role.receive());
      CHECK(part.id == id);
      all += part.message.text;
      if (part.message.last) return all;
      loop.run_ready();
    }
  }
};

}  // namespace

TEST_CASE("a request is answered with the text, in as many parts as it needs") {
  Fixture f;
  FarEnd role;
  f.connect(role);
  CHECK(f.link.connected());
  for (const std::size_t size : {0U, 1U, 8000U, 8001U, 100000U}) {
    f.text = std::string(size, 'x');
    role.send(ipc::ReadMetrics{}, 7);
    f.loop.advance(MetricsLink::pause);
    f.loop.run_ready();
    CHECK(f.read(role, 7) == f.text);
  }
}

TEST_CASE("however often it asks, the text is made ten times a second at most") {
  Fixture f;
  FarEnd role;
  f.connect(role);
  for (std::uint32_t id = 1; id <= 50; ++id) role.send(ipc::ReadMetrics{}, id);
  f.loop.run_ready();
  CHECK(f.made == 1);
  for (int i = 0; i < 10; ++i) {
    f.loop.advance(MetricsLink::pause);
    f.loop.run_ready();
  }
  CHECK(f.made == 11);
}

TEST_CASE("what it may not say ends its connection, and another may come") {
  const std::vector<base::Buffer> garbage{
      {},
      {1},
      {1, 60, 0, 1, 0, 0, 0, 1, 2},                                 // no such format
      {1, 60, 0, 0, 0, 0, 0, 1},                                    // without one
      {1, 60, 0, 1, 0, 0, 0, 0, 0},                                 // without a number
      ipc::encode(ipc::MetricsPart{.last = true, .text = "a"}, 1),  // the core's
      ipc::encode(ipc::Step{.offset = std::chrono::hours{1}}, 1),   // for the clock
      ipc::encode(ipc::RefclockReadings{}, 0),                      // of another role
      base::Buffer(ipc::max_frame_size, 0xff),
  };
  for (const auto& octets : garbage) {
    Fixture f;
    FarEnd role;
    f.connect(role);
    if (octets.empty())
      role.close();
    else
      role.send_octets(octets);
    f.loop.run_ready();
    CHECK(f.lost.size() == 1);
    CHECK_FALSE(f.link.connected());
    CHECK(f.made == 0);
    FarEnd another;
    f.connect(another);
    CHECK(f.link.connected());
    another.send(ipc::ReadMetrics{}, 1);
    f.loop.run_ready();
    CHECK(f.read(another, 1) == f.text);
  }
}

TEST_CASE("one that does not read costs one text") {
  Fixture f;
  f.text = std::string(std::size_t{4} << 20U, 'x');
  FarEnd role;
  f.connect(role);
  for (std::uint32_t id = 1; id <= 20; ++id) role.send(ipc::ReadMetrics{}, id);
  for (int i = 0; i < 100; ++i) {
    f.loop.run_ready();
    f.loop.advance(MetricsLink::pause);
  }
  CHECK(f.made == 1);
}
