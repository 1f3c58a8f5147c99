// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/refclock/service.hpp"

#include <sys/shm.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>

#include "helpers/refclock/sock_driver.hpp"
#include "helpers/refclock/sock_sample.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/remembering_log.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using namespace gnomon::refclock;
using namespace std::chrono_literals;

namespace {

constexpr base::MonoTime start{100s};

// Of a unit that nobody else uses; gone with the test.
struct Segment {
  int unit = 128 + getpid() % 64;
  int id = shmget(0x4e545030 + unit, 96, IPC_CREAT | 0600);
  std::int32_t* words = static_cast<std::int32_t*>(shmat(id, nullptr, 0));
  Segment() = default;
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;
  ~Segment() {
    shmdt(words);
    shmctl(id, IPC_RMID, nullptr);
  }
  void write(std::int64_t clock, std::int64_t receive) const {
    words[0] = 1;
    words[1] += 2;
    std::memcpy(&words[2], &clock, sizeof clock);
    std::memcpy(&words[6], &receive, sizeof receive);
    words[12] = 1;
  }
};

ipc::RefclockSetup at_once(std::vector<ipc::RefclockDevice> devices, std::vector<int> sockets = {}) {
  return {.identity = {}, .devices = std::move(devices), .sockets = std::move(sockets), .at_once = true};
}

std::vector<ipc::RefclockPoll> only(const Messages& messages) {
  REQUIRE(messages.size() == 1);
  return messages[0].polls;
}

}  // namespace

TEST_CASE("Readings are kept until a poll interval is over, in the order in which they were taken") {
  const Segment segment;
  testing::RememberingLog log;
  const ipc::RefclockDevice slow{
      .driver = ipc::RefclockDriver::rtc, .poll = 3, .driver_poll = 1, .parameter = ""};
  Service service{{.devices = {{.driver = ipc::RefclockDriver::shm,
                                .poll = 2,
                                .driver_poll = 0,
                                .parameter = std::to_string(segment.unit)},
                               slow}},
                  log};
  service.open(start);
  for (int i = 0; i < 3; ++i) {
    segment.write(1'700'000'000 + i, 1'700'000'000 + i);
    CHECK(service.on_time(start + i * 1s).empty());
  }
  const auto first = only(service.on_time(start + 3s));
  std::vector<std::pair<int, std::size_t>> seen;  // which, and how many readings
  for (const auto& poll : first) seen.emplace_back(poll.index, poll.readings.size());
  CHECK(seen == std::vector<std::pair<int, std::size_t>>{{0, 1}, {1, 0}, {0, 1}, {0, 1}, {1, 0}, {0, 0}});
  CHECK(first[2].at == start + 1s);
  for (int i = 4; i < 6; ++i) CHECK(service.on_time(start + i * 1s).empty());
  CHECK(only(service.on_time(start + 6s)).back().index == 1);  // its interval is over
}

TEST_CASE("Readings of a long interval are not kept for long, and never more than a message has room for") {
  const Segment segment;
  testing::RememberingLog log;
  const auto device = [&](std::int8_t driver_poll) {
    return ipc::RefclockDevice{.driver = ipc::RefclockDriver::shm,
                               .poll = 10,
                               .driver_poll = driver_poll,
                               .parameter = std::to_string(segment.unit)};
  };
  Service service{{.devices = {device(0)}}, log};
  service.open(start);
  for (int i = 0; i < 16; ++i) CHECK(service.on_time(start + i * 1s).empty());
  CHECK(only(service.on_time(start + 16s)).size() == 17);
  Service quick{{.devices = {device(-4)}}, log};
  quick.open(start);
  for (int i = 0; i < 64; ++i) CHECK(quick.on_time(start + i * 62'500us).empty());
  CHECK(only(quick.on_time(start + 4s)).size() == 64);
}

TEST_CASE("A segment is polled, and each reading in it counts once") {
  const Segment segment;
  testing::RememberingLog log;
  Service service{at_once({{.driver = ipc::RefclockDriver::shm, .parameter = std::to_string(segment.unit)}}),
                  log};
  service.open(start);
  CHECK(log.lines.empty());
  CHECK(service.next_due() == start);
  segment.write(1'700'000'005, 1'700'000'000);
  const auto polls = only(service.on_time(start));
  REQUIRE(polls.size() == 1);
  CHECK(polls[0].polled);
  CHECK(polls[0].at == start);
  REQUIRE(polls[0].readings.size() == 1);
  CHECK(polls[0].readings[0].offset == 5s);
  CHECK(segment.words[12] == 0);
  CHECK(service.next_due() == start + 1s);
  CHECK(only(service.on_time(start + 2s))[0].readings.empty());
  CHECK(service.next_due() == start + 3s);
  CHECK(only(service.on_time(start + 9s)).size() == 1);  // after a sleep once
  CHECK(service.next_due() == start + 10s);
}

TEST_CASE("Samples from a socket come at once, and what is none is told of once") {
  std::array<int, 2> ends{};
  REQUIRE(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends.data()) == 0);
  const base::Fd writer{ends[0]};
  testing::RememberingLog log;
  Service service{
      at_once({{.driver = ipc::RefclockDriver::sock, .poll = 2, .driver_poll = 0, .parameter = "/x"}},
              {ends[1]}),
      log};
  service.open(start);
  REQUIRE(service.descriptors() == std::vector{ends[1]});
  std::array<std::uint8_t, sock_sample_size> datagram{};
  const std::int64_t sec = 1'700'000'000;
  std::memcpy(datagram.data(), &sec, sizeof sec);
  std::memcpy(&datagram[36], &sock_magic, sizeof sock_magic);
  for (int i = 0; i < 2; ++i) REQUIRE(send(writer.get(), datagram.data(), datagram.size(), 0) == 40);
  const auto polls = only(service.on_readable(ends[1], start));
  REQUIRE(polls.size() == 1);
  CHECK(polls[0].readings.size() == 2);
  CHECK_FALSE(polls[0].polled);

  for (int i = 0; i < 3; ++i) {
    REQUIRE(send(writer.get(), "nonsense", 8, 0) == 8);
    CHECK(service.on_readable(ends[1], start).empty());
    CHECK(only(service.on_time(start + (i + 1) * 4s))[0].polled);
  }
  REQUIRE(log.lines.size() == 1);
  CHECK(log.lines[0].contains("Reference clock SOCK /x cannot be used: a datagram of another length"));
}

TEST_CASE("A sample from a process of our own user is none, unless that is root") {
  std::array<std::uint8_t, sock_sample_size> datagram{};
  const std::int64_t sec = 1'700'000'000;
  std::memcpy(datagram.data(), &sec, sizeof sec);
  std::memcpy(&datagram[36], &sock_magic, sizeof sock_magic);
  struct Case {
    uid_t own;
    uid_t sender;
    bool counts;
  };
  std::vector<Case> cases{{geteuid(), getuid(), geteuid() == 0}, {geteuid() + 1, getuid(), true}};
  if (geteuid() == 0) cases.push_back({65534, 65534, false});
  for (const auto& [own, sender, counts] : cases) {
    std::array<int, 2> ends{};
    REQUIRE(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends.data()) == 0);
    const base::Fd writer{ends[0]};
    const int on = 1;
    REQUIRE(setsockopt(ends[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0);
    auto driver = open_sock(base::Fd{ends[1]}, own);
    REQUIRE(driver);
    REQUIRE(setreuid(sender, static_cast<uid_t>(-1)) == 0);
    const auto sent = send(writer.get(), datagram.data(), datagram.size(), 0);
    REQUIRE(setresuid(geteuid(), static_cast<uid_t>(-1), geteuid()) == 0);
    REQUIRE(sent == 40);
    Readings readings;
    REQUIRE((*driver)->read(readings));
    CHECK(readings.size() == (counts ? 1U : 0U));
    const auto polled = (*driver)->poll(readings);
    CHECK(polled.has_value() == counts);
    if (!polled) CHECK(polled.error().what.contains("of the daemon's own user"));
  }
}

TEST_CASE("A device that is missing is told of once, the others go on, and it is noticed when it comes") {
  const testing::TemporaryFolder folder;
  const auto path = folder / "pps7";
  const Segment segment;
  testing::RememberingLog log;
  Service service{at_once({{.driver = ipc::RefclockDriver::pps, .parameter = path + ":clear"},
                           {.driver = ipc::RefclockDriver::shm, .parameter = std::to_string(segment.unit)},
                           {.driver = ipc::RefclockDriver::phc, .parameter = "/dev/null"}}),
                  log};
  service.open(start);
  REQUIRE(log.lines.size() == 2);
  CHECK(log.lines[0].contains("No such file or directory; it is opened as soon as it is there"));
  CHECK(log.lines[1].contains("PHC /dev/null cannot be used"));
  segment.write(1'700'000'000, 1'700'000'000);
  const auto polls = only(service.on_time(start + 1s));
  REQUIRE(polls.size() == 3);
  CHECK(polls[1].readings.size() == 1);
  static_cast<void>(service.on_time(start + 6s));
  CHECK_FALSE(service.devices_changed());
  std::ofstream{path} << "it has come";
  static_cast<void>(service.on_time(start + 12s));
  CHECK(service.devices_changed());
  CHECK(log.lines.back().contains("is there now"));
}

TEST_CASE("Units and options that there are not are refused with what is wrong") {
  const auto complaint = [](ipc::RefclockDriver driver, const char* parameter) {
    testing::RememberingLog log;
    Service service{at_once({{.driver = driver, .parameter = parameter}}), log};
    service.open(start);
    return log.lines.size() == 1 ? log.lines[0] : std::string{};
  };
  CHECK(complaint(ipc::RefclockDriver::shm, "256").contains("its unit must be a number from 0 to 255"));
  CHECK(complaint(ipc::RefclockDriver::shm, "1:perm=888").contains("perm=888 is out of range"));
  CHECK(complaint(ipc::RefclockDriver::pps, "/dev/null").contains("it is no PPS device"));
  CHECK(complaint(ipc::RefclockDriver::rtc, "/dev/null:local").contains("has no option 'local'"));
  CHECK(complaint(ipc::RefclockDriver::rtc, "/dev/null").contains("this device cannot do that"));
  CHECK(complaint(ipc::RefclockDriver::sock, "/x").empty());  // gnomond has said why
}
