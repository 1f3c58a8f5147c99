// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/keys/fleet_keys.hpp"

#include <fcntl.h>

#include "base/os/fd.hpp"
#include "base/os/file.hpp"
#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using core::FleetKeys;
using testing::RememberingLog;
using testing::TemporaryFolder;

namespace {

using namespace std::chrono_literals;
constexpr std::chrono::seconds day{86400};
constexpr base::RealTime today{day * 20000};
const std::string first_secret(64, '1');
const std::string second_secret(64, '2');

struct Server {
  TemporaryFolder folder;
  RememberingLog log;
  FleetKeys keys{day, folder / "secret", log};

  bool use(const std::string& secrets, base::RealTime now = today) {
    REQUIRE(base::write_file_atomically(folder / "secret", secrets, 0600));
    const base::Fd file{open((folder / "secret").c_str(), O_RDONLY | O_CLOEXEC)};
    return keys.use(file.get(), now).has_value();
  }
  [[nodiscard]] base::Buffer cookie() const {
    const protocol::CookieSealer sealer{keys.keys()};
    base::Buffer cookie(sealer.cookie_size(protocol::AeadId::aes_128_gcm_siv));
    const protocol::SessionKeys session{protocol::AeadId::aes_128_gcm_siv, base::Secret{base::Buffer(16, 1)},
                                        base::Secret{base::Buffer(16, 2)}};
    REQUIRE(sealer.seal(session, protocol::NonceEntropy{}, cookie));
    return cookie;
  }
  [[nodiscard]] bool opens(const base::Buffer& cookie) const {
    return protocol::CookieSealer{keys.keys()}.open(cookie).has_value();
  }
};

}  // namespace

TEST_CASE("two servers with one secret open each other's cookies over every change of period") {
  Server a;
  Server b;
  REQUIRE(a.use(first_secret));
  REQUIRE(b.use(first_secret));
  auto before = a.cookie();
  for (auto now = today; now < today + 4 * day; now += 6h) {
    a.keys.update(now);
    b.keys.update(now - 5h);  // its clock is late
    CHECK(b.opens(a.cookie()));
    CHECK(a.opens(b.cookie()));
    CHECK(b.opens(before));
    before = a.cookie();
  }
}

TEST_CASE("cookies open for two more periods and then no longer") {
  Server server;
  REQUIRE(server.use(first_secret));
  const auto cookie = server.cookie();
  CHECK(server.keys.update(today + day));
  CHECK(server.keys.update(today + 2 * day));
  CHECK(server.opens(cookie));
  CHECK(server.keys.update(today + 3 * day));
  CHECK_FALSE(server.opens(cookie));
}

TEST_CASE("the next change is the end of the period, and until then nothing changes") {
  Server server;
  REQUIRE(server.use(first_secret, today + 1h));
  CHECK(server.keys.next_change() == today + day);
  CHECK_FALSE(server.keys.update(today + day - 1ns));
  CHECK(server.keys.update(today + day));
  CHECK(server.log.says("Rotated the server keys"));
  CHECK(server.keys.next_change() == today + 2 * day);
}

TEST_CASE("a clock that was far off at the start takes its place among the others once it is set") {
  Server right;
  Server wrong;
  REQUIRE(right.use(first_secret));
  REQUIRE(wrong.use(first_secret, base::RealTime{}));
  const auto strange = wrong.cookie();
  CHECK_FALSE(right.opens(strange));
  CHECK(wrong.keys.update(today));
  CHECK(wrong.log.says("The clock was set to another period"));
  CHECK(right.opens(wrong.cookie()));
  CHECK(wrong.opens(right.cookie()));
  CHECK_FALSE(wrong.opens(strange));
}

TEST_CASE("each secret is told by its fingerprint, in the order of the lines") {
  Server one;
  REQUIRE(one.use(first_secret));
  Server both;
  REQUIRE(both.use(second_secret + "\n" + first_secret));
  const auto& said = one.log.lines.back();
  const auto print = said.substr(said.find("; fingerprint ") + 14);
  CHECK(print.size() == 8);
  CHECK(both.log.lines.back().contains("; fingerprints "));
  CHECK(both.log.lines.back().ends_with(", " + print));
}

TEST_CASE("a replaced secret goes on to open, on every server in turn") {
  Server a;
  Server b;
  REQUIRE(a.use(first_secret));
  REQUIRE(b.use(first_secret));
  const auto old_cookie = b.cookie();
  // The new one is first made known everywhere, then it seals.
  REQUIRE(a.use(first_secret + "\n" + second_secret));
  REQUIRE(b.use(second_secret + "\n" + first_secret));
  CHECK(a.opens(b.cookie()));
  CHECK(b.opens(a.cookie()));
  REQUIRE(a.use(second_secret));
  CHECK_FALSE(a.opens(old_cookie));
  CHECK(a.opens(b.cookie()));
}

TEST_CASE("a secret that is refused leaves the one before in use") {
  Server server;
  REQUIRE(server.use(first_secret));
  const auto cookie = server.cookie();
  CHECK_FALSE(server.use("secret"));
  CHECK(server.log.says("the previous secrets are used"));
  CHECK(server.opens(cookie));
  CHECK(server.log.events.back() == base::LogEvent::key_secret_refused);
}

TEST_CASE("without a secret the keys are random, with words about it, until there is one") {
  Server server;
  CHECK_FALSE(server.use(""));
  CHECK(server.log.says("no other server can open this server's cookies"));
  CHECK(server.opens(server.cookie()));
  CHECK_FALSE(server.keys.update(today + 30 * day));
  CHECK(server.keys.next_change() == base::RealTime::max());
  CHECK(server.use(first_secret));
  CHECK(server.keys.next_change() == today + day);
}

TEST_CASE("nothing of a secret is said, whatever happens") {
  Server server;
  REQUIRE(server.use(first_secret + "\n" + second_secret));
  CHECK_FALSE(server.use(first_secret + "\n" + second_secret + "3"));
  for (const auto& line : server.log.lines) {
    CHECK(line.find("1111") == std::string::npos);
    CHECK(line.find("2222") == std::string::npos);
  }
}
