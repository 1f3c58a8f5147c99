// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/refclock/service.hpp"

#include <sys/shm.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>

#include "helpers/refclock/sock_sample.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using namespace gnomon::refclock;
using namespace std::chrono_literals;

namespace {

constexpr base::MonoTime start{100s};

class Lines final : public base::Log {
 public:
  void take(const base::LogMessage& message) override { lines.push_back(std::string{message.text}); }
  std::vector<std::string> lines;
};

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

}  // namespace

TEST_CASE("A segment is polled, and each reading in it counts once") {
  const Segment segment;
  Lines log;
  Service service{{{.driver = ipc::RefclockDriver::shm, .parameter = std::to_string(segment.unit)}}, {}, log};
  service.open(start);
  CHECK(log.lines.empty());
  CHECK(service.next_due() == start);
  segment.write(1'700'000'005, 1'700'000'000);
  const auto messages = service.on_time(start);
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].polled);
  REQUIRE(messages[0].readings.size() == 1);
  CHECK(messages[0].readings[0].offset == 5s);
  CHECK(segment.words[12] == 0);
  CHECK(service.next_due() == start + 1s);
  CHECK(service.on_time(start + 2s)[0].readings.empty());
  CHECK(service.next_due() == start + 3s);
  CHECK(service.on_time(start + 9s).size() == 1);  // after a sleep once
  CHECK(service.next_due() == start + 10s);
}

TEST_CASE("Samples from a socket come at once, and what is none is told of once") {
  std::array<int, 2> ends{};
  REQUIRE(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends.data()) == 0);
  const base::Fd writer{ends[0]};
  Lines log;
  Service service{{{.driver = ipc::RefclockDriver::sock, .poll = 2, .driver_poll = 0, .parameter = "/x"}},
                  {ends[1]},
                  log};
  service.open(start);
  REQUIRE(service.descriptors() == std::vector{ends[1]});
  std::array<std::uint8_t, sock_sample_size> datagram{};
  const std::int64_t sec = 1'700'000'000;
  std::memcpy(datagram.data(), &sec, sizeof sec);
  std::memcpy(&datagram[36], &sock_magic, sizeof sock_magic);
  for (int i = 0; i < 2; ++i) REQUIRE(send(writer.get(), datagram.data(), datagram.size(), 0) == 40);
  const auto messages = service.on_readable(ends[1]);
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].readings.size() == 2);
  CHECK_FALSE(messages[0].polled);

  for (int i = 0; i < 3; ++i) {
    REQUIRE(send(writer.get(), "nonsense", 8, 0) == 8);
    CHECK(service.on_readable(ends[1]).empty());
    CHECK(service.on_time(start + (i + 1) * 4s)[0].polled);
  }
  REQUIRE(log.lines.size() == 1);
  CHECK(log.lines[0].contains("Reference clock SOCK /x cannot be used: a datagram of another length"));
}

TEST_CASE("A device that is missing is told of once, the others go on, and it is noticed when it comes") {
  const testing::TemporaryFolder folder;
  const auto path = folder / "pps7";
  const Segment segment;
  Lines log;
  Service service{{{.driver = ipc::RefclockDriver::pps, .parameter = path + ":clear"},
                   {.driver = ipc::RefclockDriver::shm, .parameter = std::to_string(segment.unit)},
                   {.driver = ipc::RefclockDriver::phc, .parameter = "/dev/null"}},
                  {},
                  log};
  service.open(start);
  REQUIRE(log.lines.size() == 2);
  CHECK(log.lines[0].contains("No such file or directory; it is opened as soon as it is there"));
  CHECK(log.lines[1].contains("PHC /dev/null cannot be used"));
  segment.write(1'700'000'000, 1'700'000'000);
  const auto messages = service.on_time(start + 1s);
  REQUIRE(messages.size() == 3);
  CHECK(messages[1].readings.size() == 1);
  static_cast<void>(service.on_time(start + 6s));
  CHECK_FALSE(service.devices_changed());
  std::ofstream{path} << "it has come";
  static_cast<void>(service.on_time(start + 12s));
  CHECK(service.devices_changed());
  CHECK(log.lines.back().contains("is there now"));
}

TEST_CASE("Units and options that there are not are refused with what is wrong") {
  const auto complaint = [](ipc::RefclockDriver driver, const char* parameter) {
    Lines log;
    Service service{{{.driver = driver, .parameter = parameter}}, {}, log};
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
