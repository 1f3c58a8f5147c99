// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/certificate_checks.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>

#include "tests/unit/ctl/check/findings.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace gnomon::testing {

using namespace std::chrono_literals;

namespace {

const base::RealTime now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 29}.time_since_epoch()};

std::string seconds_of(base::RealTime time) {
  return std::to_string(std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count());
}

std::string valid(base::Duration from, base::Duration until) {
  return "name time.example\nvalid " + seconds_of(now + from) + ' ' + seconds_of(now + until) + '\n';
}

// Files that can be read, and what gnomon-ntske would print about them.
struct Pair {
  TemporaryFolder folder;
  std::filesystem::path certificate = folder / "check.crt";
  std::filesystem::path key = folder / "check.key";
  std::vector<std::string> words;
  Pair() {
    std::ofstream{certificate} << "certificate";
    std::ofstream{key} << "key";
  }
  Lines found(const std::optional<std::string>& report) {
    const std::string text = "ntsserverkey " + key.string() + "\nntsservercert " + certificate.string() +
                             "\nntstrustedcerts /ca\n";
    auto lines = testing::found(
        [&](const ctl::Configuration& configuration, ctl::Findings& findings) {
          const auto run = [&](const std::vector<std::string>& asked) {
            words = asked;
            return report;
          };
          ctl::check_certificates(configuration, now, run, findings);
        },
        text);
    for (auto& line : lines)
      for (const auto& path : {certificate.string(), key.string()})
        if (const auto at = line.find(path); at != line.npos)
          line.replace(at, path.size(), path == key ? "KEY" : "CERT");
    return lines;
  }
};

}  // namespace

TEST_CASE(
    "a certificate without a fault is silent, and is tried with the trusted ones of the configuration") {
  Pair pair;
  CHECK(pair.found(valid(-24h, 24h * 90)).empty());
  CHECK(pair.words == Lines{"check", pair.certificate.string(), pair.key.string(), "/ca"});
}

TEST_CASE("what is wrong with it is said where it is configured") {
  Pair pair;
  CHECK(pair.found("key-fault the private key does not belong to the certificate\n") ==
        Lines{"1 error KEY: the private key does not belong to the certificate"});
  CHECK(pair.found("certificate-fault no PEM\n") == Lines{"2 error CERT: no PEM"});
  CHECK(pair.found(valid(-48h, -24h)) ==
        Lines{"2 error CERT: the certificate expired on 2026-11-28 00:00 UTC: NTS clients reject it"});
  CHECK(pair.found(valid(-48h, 24h)) ==
        Lines{"2 warning CERT: the certificate expires on 2026-11-30 00:00 UTC, within 30 days"});
  CHECK(pair.found(valid(24h, 24h * 90)) == Lines{"2 warning CERT: by this machine's clock the certificate "
                                                  "is not valid before 2026-11-30 00:00 UTC"});
  CHECK(pair.found(valid(-24h, 24h * 90) + "distrusted issued by nobody\n") ==
        Lines{"2 warning CERT: a client with this machine's trusted certificates would reject it: issued by "
              "nobody"});
  CHECK(pair.found("valid 0 99999999999\ndistrusted it has no name\n") ==
        Lines{"2 error CERT: the certificate has no subject alternative name: clients reject it (RFC 9525)"});
}

TEST_CASE("where gnomon-ntske is not installed the certificate is not tried, and that is said") {
  Pair pair;
  CHECK(pair.found(std::nullopt) ==
        Lines{"2 note CERT: the certificate was not tried: gnomon-ntske could not be run"});
}

}  // namespace gnomon::testing
