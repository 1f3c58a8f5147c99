// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/syslog_link.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "daemon/launcher/sockets/unix_socket.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"
#include "tests/unit/time_zone.hpp"
#include "tests/unit/unix_sockets.hpp"

using namespace gnomon;
using launcher::SyslogLink;

namespace {

constexpr base::Now begin{.real = base::RealTime{std::chrono::sys_days{std::chrono::year{2026} / 11 / 3} -
                                                 std::chrono::sys_days{} + std::chrono::hours{12}},
                          .mono = base::MonoTime{std::chrono::hours{1}}};

base::Now after(base::Duration time) {
  return {.real = begin.real + time, .mono = begin.mono + time};
}

struct Fixture {
  testing::TemporaryFolder folder;
  std::string path = folder / "log";
  std::optional<base::Fd> daemon;
  SyslogLink link{"gnomond", path};
  std::string who = fmt::format("gnomond[{}]: ", getpid());

  void start(int type = SOCK_DGRAM) {
    std::filesystem::remove(path);
    auto bound = launcher::bind_unix(path, type);
    REQUIRE(bound);
    daemon = std::move(*bound);
    if (type == SOCK_STREAM) REQUIRE(listen(daemon->get(), 1) == 0);
  }
  void stop() {
    daemon.reset();
    std::filesystem::remove(path);
  }
  static std::string received(const base::Fd& from) {
    std::array<char, 4096> octets{};
    const auto size = recv(from.get(), octets.data(), octets.size(), MSG_DONTWAIT);
    return size < 0 ? "nothing" : std::string{octets.data(), static_cast<std::size_t>(size)};
  }
  // The texts of all messages, without what comes before them.
  [[nodiscard]] std::vector<std::string> heard() const {
    std::vector<std::string> texts;
    for (auto message = received(*daemon); message != "nothing"; message = received(*daemon))
      texts.push_back(message.substr(message.find(": ") + 2));
    return texts;
  }
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a message is as syslog(3) writes it, with the facility daemon and its level") {
  const testing::Zone zone{"UTC"};
  Fixture f;
  f.start();
  f.link.send("<3>one\n<7>two\nthree", begin);
  CHECK(Fixture::received(*f.daemon) == "<27>Nov  3 12:00:00 " + f.who + "one");
  CHECK(Fixture::received(*f.daemon) == "<31>Nov  3 12:00:00 " + f.who + "two");
  CHECK(Fixture::received(*f.daemon) == "<28>Nov  3 12:00:00 " + f.who + "three");
  CHECK_FALSE(f.link.next_try());
}

TEST_CASE("a daemon that is started anew is found again, and what came meanwhile reaches it in order") {
  Fixture f;
  f.start();
  f.link.send("<6>one\n", begin);
  f.start();  // at once
  f.link.send("<6>two\n", begin);
  CHECK(f.heard() == Texts{"two"});
  f.stop();
  f.link.send("<6>three\n<6>four\n", begin);
  REQUIRE(f.link.next_try() == begin.mono + SyslogLink::first_pause);
  f.link.send("", after(SyslogLink::first_pause));
  const auto due = begin.mono + 3 * SyslogLink::first_pause;
  CHECK(f.link.next_try() == due);
  // Who looks more often, or has more to say, waits no longer for it.
  for (int i = 0; i < 100; ++i) f.link.send("", after(SyslogLink::first_pause * 2));
  CHECK(f.link.next_try() == due);
  f.start();
  f.link.send("<6>five\n", after(std::chrono::seconds{1}));
  CHECK(f.heard() == Texts{"three", "four", "five"});
  CHECK_FALSE(f.link.next_try());
  CHECK(f.link.take_lost() == 0);
}

TEST_CASE("what waits is bounded, and what found no room is counted once the daemon is there") {
  Fixture f;
  const std::string line = "<6>" + std::string(1000, 'x') + "\n";
  for (int i = 0; i < 100; ++i) f.link.send(line, after(std::chrono::seconds{i}));
  CHECK(f.link.take_lost() == 0);
  CHECK(*f.link.next_try() > after(std::chrono::seconds{99}).mono);
  CHECK(*f.link.next_try() < after(std::chrono::seconds{99}).mono + SyslogLink::longest_pause);
  f.start();
  std::size_t heard = 0;
  for (int i = 0; i < 200 && f.link.next_try(); ++i) {  // a socket takes some ten at once
    f.link.send("", after(std::chrono::hours{1 + i}));
    heard += f.heard().size();
  }
  CHECK(heard > 55);
  CHECK(f.link.take_lost() == 100 - heard);
  CHECK(f.link.take_lost() == 0);
}

TEST_CASE("a daemon that does not read holds nobody up, and gets everything once it reads") {
  Fixture f;
  f.start();
  std::string lines;
  for (int i = 0; i < 600; ++i) lines += fmt::format("<6>{}\n", i);
  f.link.send(lines, begin);
  REQUIRE(f.link.next_try());
  Texts all;
  for (int i = 0; i < 600 && all.size() < 600; ++i) {
    for (const auto& text : f.heard()) all.push_back(text);
    f.link.send("", after(std::chrono::hours{1 + i}));
  }
  REQUIRE(all.size() == 600);
  CHECK(all.back() == "599");
}

TEST_CASE("a daemon with a stream gets each message with a NUL behind it") {
  Fixture f;
  f.start(SOCK_STREAM);
  f.link.send("<6>one\n<6>two\n", begin);
  const base::Fd accepted{accept(f.daemon->get(), nullptr, nullptr)};
  const auto text = Fixture::received(accepted);
  CHECK(std::ranges::count(text, '\0') == 2);
  CHECK(text.ends_with(f.who + std::string{"two\0", 4}));
}
