// SPDX-License-Identifier: GPL-2.0-or-later
// Configurations as distributions and administrators write them, read from the disk.
#include <stdlib.h>  // mkdtemp
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "tests/unit/catch.hpp"
#include "tests/unit/config/files.hpp"

using namespace gnomon;
using namespace gnomon::config;
using Strings = std::vector<std::string>;

namespace {

Config read(const std::string& name) {
  auto parsed = parse_file(std::string{GNOMON_CONFIG_DATA "/"} + name, real_files());
  if (!parsed) throw std::runtime_error(to_text(parsed.error().front()));
  return std::move(parsed->config);
}

}  // namespace

TEST_CASE("Debian's configuration") {
  const auto config = read("debian.conf");
  REQUIRE(config.sources.size() == 1);
  CHECK(config.sources[0].kind == SourceKind::pool);
  CHECK(config.sources[0].iburst);
  CHECK(config.process.source_dirs == std::vector<Strings>{{"/run/chrony-dhcp"}, {"/etc/chrony/sources.d"}});
  CHECK(config.clock.max_update_skew.value == Approx(100));
  CHECK(config.clock.make_step == MakeStep{base::Seconds{1}, 3});
  CHECK(config.clock.drift_file == "/var/lib/chrony/chrony.drift");
  CHECK(config.without_effect.empty());
  CHECK_FALSE(config.serves_ntp());
}

TEST_CASE("Red Hat's configuration") {
  const auto config = read("redhat.conf");
  CHECK(config.sources.at(0).name == "2.rhel.pool.ntp.org");
  CHECK(config.selection.min_sources == 1);
  CHECK(config.server.access.empty());
  CHECK(config.nts.dump_dir == "/var/lib/chrony");
}

TEST_CASE("a public server with NTS") {
  const auto config = read("server.conf");
  REQUIRE(config.sources.size() == 3);
  CHECK(config.sources[0].cert_set == 1);
  CHECK(config.sources[1].key_id == 7);
  CHECK(config.sources[2].offset.count() == Approx(-25e-6));
  CHECK(config.serves_ke());
  CHECK(config.nts.certificates.size() == 2);
  CHECK(config.nts.rotate == base::Seconds{});
  CHECK(config.server.bind_addresses.size() == 2);
  CHECK(config.server.rate_limit == RateLimit{{-3}, 200, 3, 2});
  CHECK(config.server.local->wait_unsynced.count() == Approx(300));
  const base::AccessTable access{config.server.access};
  CHECK(access.allows(*base::parse_address("8.8.8.8")));
  CHECK_FALSE(access.allows(*base::parse_address("10.2.0.1")));
  CHECK(access.allows(*base::parse_address("10.1.0.1")));
  CHECK_FALSE(access.allows(*base::parse_address("2001:db8:dead:1::1")));
}

TEST_CASE("a client of a fleet") {
  const auto config = read("fleet.conf");
  REQUIRE(config.sources.size() == 4);
  CHECK(config.sources[2].no_select);
  CHECK(config.sources[3].max_sources == 16);
  CHECK(config.sources[3].max_poll.value == 12);
  CHECK(config.selection.auth_select_mode == AuthSelectMode::require);
  CHECK(config.clock.make_step == MakeStep{base::Seconds{0.1}, -1});
  CHECK(config.client.acquisition_port == 0);
  CHECK(config.client.bind_addresses.size() == 1);
  CHECK(config.process.logs == Strings{"measurements", "tracking", "statistics"});
  CHECK(config.control.command_socket == "/");
  CHECK(config.hardware.reference_clocks.at(0).driver_poll == -2);
  CHECK(config.hardware.timestamping.at(0).receive_filter == ReceiveFilter::ptp);
  CHECK(config.hardware.temperature->k1.value == Approx(0.000183));
}

TEST_CASE("our own sample has nothing to complain about, and all of it has effect") {
  const auto parsed = parse_file(GNOMON_CONFIG_SAMPLE, real_files());
  REQUIRE(parsed);
  CHECK(parsed->config.without_effect.empty());
  CHECK(parsed->config.sources.size() == 4);
  for (const auto& source : parsed->config.sources) CHECK(source.nts);
  CHECK(parsed->config.clock.drift_file == "/var/lib/gnomon/drift");
  CHECK(parsed->config.nts.dump_dir == "/var/lib/gnomon");
  CHECK(parsed->config.clock.make_step == MakeStep{base::Seconds{1}, 3});
  CHECK(parsed->config.clock.rtc_sync);
}

TEST_CASE("what the sample offers in comments is valid too") {
  const auto text = real_files().read(GNOMON_CONFIG_SAMPLE);
  REQUIRE(text);
  std::vector<std::string> offered;
  std::size_t start = 0;
  while ((start = text->find("\n#", start)) != std::string::npos) {
    start += 2;
    if ((*text)[start] != ' ') offered.push_back(text->substr(start, text->find('\n', start) - start));
  }
  CHECK(offered.size() == 13);
  const auto parsed = parse_lines(offered, real_files());
  REQUIRE(parsed);
  CHECK(parsed->config.without_effect.empty());
  CHECK(parsed->config.serves_ke());
}

TEST_CASE("a file on the disk that is a directory or missing says why") {
  CHECK(real_files().read(GNOMON_CONFIG_DATA).error() == "it is a directory, not a file");
  CHECK(real_files().read(GNOMON_CONFIG_DATA "/none").error() == "No such file or directory");
  CHECK(real_files().glob(GNOMON_CONFIG_DATA "/*.conf").size() == 4);
  CHECK(real_files().glob("/no/such/*.conf").empty());
}

TEST_CASE("the file that the command line names may be a pipe, which is read once") {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  REQUIRE(write(ends[1], "port 1\n", 7) == 7);
  const auto path = "/proc/self/fd/" + std::to_string(ends[0]);
  const auto files = real_files(path, base::Seconds{0.01});
  CHECK(is_pipe(path));
  CHECK(files.read(path).error() == "what comes through the pipe has no end after 0.01 s");
  CHECK(files.read(path).error().starts_with("what comes"));
  REQUIRE(write(ends[1], "port 2\n", 7) == 7);
  close(ends[1]);
  const auto again = real_files(path, base::Seconds{10});
  CHECK(again.read(path) == "port 2\n");
  CHECK(again.read(path) == "port 2\n");
  CHECK(real_files().read(path).error() == "it is a FIFO, not a file");
  close(ends[0]);
}

TEST_CASE("a FIFO that nobody writes to is not waited for without end, and no other may be one") {
  auto folder = std::to_array("/tmp/gnomon-fifo-XXXXXX");
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  const auto path = std::string{folder.data()} + "/conf";
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  CHECK(real_files(path, base::Seconds{0.01}).read(path).error() ==
        "nothing came through the pipe for 0.01 s");
  CHECK(real_files("/elsewhere").read(path).error() == "it is a FIFO, not a file");
  unlink(path.c_str());
  rmdir(folder.data());
}

TEST_CASE("an include of /dev/null is one of nothing") {
  CHECK(real_files().read("/dev/null") == "");
  CHECK(real_files().read("/dev/zero").error() == "it is a device, not a file");
}
