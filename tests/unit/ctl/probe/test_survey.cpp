// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/probe/survey.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "ctl/probe/report.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/ctl/probe/played_server.hpp"

namespace gnomon::testing {

using namespace ctl::probe;

namespace {

const Options plain_options{.host = "time.example.net"};

Options with_nts(Nts nts) {
  auto options = plain_options;
  options.nts = nts;
  return options;
}

// The first finding of that check; none: nullptr.
const Finding* found(const Survey& survey, std::string_view check) {
  const auto at = std::ranges::find(survey.findings, check, &Finding::check);
  return at == survey.findings.end() ? nullptr : &*at;
}

std::string text_of(const Survey& survey, std::string_view check) {
  const auto* const finding = found(survey, check);
  return finding == nullptr ? "" : finding->text;
}

Grade grade_of(const Survey& survey, std::string_view check) {
  const auto* const finding = found(survey, check);
  REQUIRE(finding != nullptr);
  return finding->grade;
}

Grade verdict(const Survey& survey, const Options& options = plain_options) {
  return verdict_of(survey, options).grade;
}

PlayedServer nts_server() {
  PlayedServer server;
  server.key_exchange = good_key_exchange();
  return server;
}

Survey of(PlayedServer server, const Options& options = plain_options) {
  PlayedWorld world{std::move(server)};
  return survey(options, world.context());
}

}  // namespace

TEST_CASE("a good server with NTS is good in every respect, with few packets and long pauses for none") {
  PlayedWorld world{nts_server()};
  const auto result = survey(plain_options, world.context());
  CHECK(verdict(result) == Grade::ok);
  CHECK(verdict_of(result, plain_options).sentence ==
        "time.example.net is a good time server with NTS: +1 ms +/- 5 ms from this machine's clock.");
  CHECK(world.packets <= 40);
  CHECK(world.key_exchanges == 3);
  CHECK(world.long_pauses == 0);
  CHECK(text_of(result, "keys") == "AES-SIV-CMAC-256; 8 cookies of 100 octets");
  CHECK(text_of(result, "NTS") == "8 of 8 answered, 228 to 956 octets, up to 8 cookies at once");
  CHECK(text_of(result, "sizes") == "48 to 1072 octets pass");
  CHECK(text_of(result, "offset") == "+1 ms +/- 5 ms, delay 10 ms, jitter 0 ns");
}

TEST_CASE("without NTS a server is good as well, unless NTS is needed") {
  CHECK(verdict(of({})) == Grade::ok);
  CHECK(grade_of(of({}), "key exchange") == Grade::note);
  const auto needed = of({}, with_nts(Nts::required));
  CHECK(grade_of(needed, "key exchange") == Grade::critical);
  CHECK(verdict(needed) == Grade::critical);
  CHECK(found(of(nts_server(), with_nts(Nts::without)), "key exchange") == nullptr);
}

TEST_CASE("a server that never answers gets few packets, and a verdict") {
  PlayedServer server;
  server.passes = [](const auto&, auto) { return false; };
  PlayedWorld world{server};
  const auto result = survey(plain_options, world.context());
  CHECK(world.packets == 3);
  CHECK(verdict(result) == Grade::critical);
  CHECK(text_of(result, "NTP") == "UDP port 123: no answer to 3 requests");
}

TEST_CASE("a filter on long packets is found, with the sizes that pass") {
  auto server = nts_server();
  server.passes = [](const auto&, auto size) { return size < 500; };
  const auto result = of(server);
  CHECK(verdict(result) == Grade::warning);
  CHECK(text_of(result, "sizes") == "requests of up to 436 octets are answered, of 644 and more not");
  CHECK(text_of(result, "NTS") == "requests of up to 436 octets are answered, of 540 and more not");
}

TEST_CASE("a filter on extension fields leaves NTP alone") {
  auto server = nts_server();
  server.passes = [](const auto&, auto size) { return size == 48; };
  const auto result = of(server);
  CHECK(verdict(result) == Grade::critical);
  CHECK(text_of(result, "NTS") ==
        "no answer to requests with NTS; plain ones of more than 48 octets are lost as well");
  server.key_exchange.reset();
  CHECK(verdict(of(server)) == Grade::ok);
  CHECK(grade_of(of(server), "sizes") == Grade::note);
}

TEST_CASE("requests with NTS alone are lost: not the size is to blame") {
  auto server = nts_server();
  server.passes = [](const auto& request, auto) { return request.form != ipc::ProbeForm::nts; };
  CHECK(text_of(of(server), "NTS")
            .starts_with("no answer to requests with NTS, though to others of the same size"));
  server.passes = [](const auto&, auto) { return true; };
  server.nts = false;
  CHECK(text_of(of(server), "NTS").ends_with("(NTSN)"));
}

TEST_CASE("a lost packet is no filter") {
  auto server = nts_server();
  unsigned count = 0;
  server.passes = [&count](const auto&, auto) { return ++count % 7 != 0; };
  const auto result = of(server);
  CHECK(grade_of(result, "sizes") == Grade::ok);
  CHECK(grade_of(result, "NTS") == Grade::ok);
}

TEST_CASE("a server that limits the rate is not taken for a filter") {
  PlayedServer server;
  server.budget = 12;
  PlayedWorld world{server};
  const auto result = survey(plain_options, world.context());
  CHECK(grade_of(result, "sizes") == Grade::note);
  CHECK(text_of(result, "sizes").contains("it limits the rate; 1072 octets pass"));
  CHECK(found(result, "rate") == nullptr);  // no burst for a server that has shown it already
  CHECK(verdict(result) == Grade::ok);
}

TEST_CASE("answers to requests from one port alone point at a filter") {
  PlayedServer server;
  server.passes = [](const auto& request, auto) { return request.port == ipc::ProbePort::given; };
  PlayedWorld world{server};
  world.given_port_error = 0;
  const auto result = survey(plain_options, world.context());
  CHECK(text_of(result, "NTP") == "no answer to requests from a port of the kernel's choice");
  server.passes = [](const auto& request, auto) { return request.port != ipc::ProbePort::given; };
  PlayedWorld other{server};
  other.given_port_error = 0;
  const auto reverse = survey(plain_options, other.context());
  CHECK(grade_of(reverse, "source port") == Grade::warning);
  CHECK(grade_of(of({}), "source port") == Grade::note);  // only root may use it
}

TEST_CASE("a wrong time is judged by what both clocks can be wrong") {
  PlayedServer server;
  server.ahead = base::Seconds{10};
  CHECK(grade_of(of(server), "offset") == Grade::critical);
  PlayedWorld world{server};
  world.own = {};
  const auto result = survey(plain_options, world.context());
  CHECK(grade_of(result, "offset") == Grade::warning);
  CHECK(text_of(result, "offset").ends_with("this machine's clock is not synchronised"));
  server.ahead = base::Seconds{-0.15};
  CHECK(grade_of(of(server), "offset") == Grade::warning);
  server.delay = base::Seconds{0.3};
  CHECK(grade_of(of(server), "offset") == Grade::ok);
  auto strict = plain_options;
  strict.critical = strict.warning = std::chrono::milliseconds{1};
  server.delay = base::Seconds{0.01};
  CHECK(grade_of(of(server, strict), "offset") == Grade::critical);
}

TEST_CASE("a server that is not synchronised, or far from a clock, or lies, is named so") {
  PlayedServer server;
  server.header.leap = base::LeapIndicator::unsynchronised;
  CHECK(grade_of(of(server), "state") == Grade::critical);
  server.header = {.version = 4, .stratum = 16};
  CHECK(grade_of(of(server), "state") == Grade::critical);
  server.header = {.version = 4, .stratum = 2, .root_dispersion = base::short_duration(base::Seconds{5})};
  CHECK(grade_of(of(server), "state") == Grade::warning);
  server.header = {.version = 4,
                   .stratum = 1,
                   .poll = -128,
                   .precision = 127,
                   .root_delay = {0xffffffff},
                   .reference_id = {0x1b5b336d}};
  CHECK_FALSE(text_of(of(server), "state").contains('\x1b'));
  server.header = {.version = 4, .stratum = 2};
  server.strays = 1000;
  CHECK(grade_of(of(server), "other packets") == Grade::warning);
}

TEST_CASE("what is wrong with a certificate is told, all of it, and the exchange goes on") {
  auto server = nts_server();
  auto& seen = *server.key_exchange;
  seen.chain[0].not_after = seen.chain[0].not_before + std::chrono::days{1};
  seen.name_fits = false;
  seen.trusted = false;
  seen.distrust = "issued by an authority that is not trusted";
  auto utc = plain_options;
  utc.utc = true;
  const auto result = of(server, utc);
  CHECK(verdict(result) == Grade::critical);
  CHECK(text_of(result, "certificate") ==
        "time.example.net, ECDSA 256 bits, expired on 2026-10-20 11:06:40 UTC");
  CHECK(text_of(result, "name") == "the certificate is for time.example.net, not for time.example.net");
  CHECK(text_of(result, "chain") ==
        "1 certificate, not trusted: issued by an authority that is not trusted: an authority");
  CHECK(grade_of(result, "NTS") == Grade::ok);
  seen.chain[0].issuer = seen.chain[0].subject;
  CHECK(text_of(of(server), "chain") == "1 certificate, not trusted: signed by itself");
  server.key_exchange = good_key_exchange();
  server.key_exchange->chain[0].not_after = base::RealTime{std::chrono::seconds{1'795'000'000 + 86400 * 5}};
  CHECK(grade_of(of(server), "certificate") == Grade::warning);
}

TEST_CASE("nobody is asked where no NTP server can be, whatever a key exchange says") {
  const auto names = [](const char* address, std::uint16_t port) {
    auto server = nts_server();
    server.ntp_server = address;
    server.ntp_port = port;
    return server;
  };
  for (const auto& [address, port] : {std::pair{"224.0.0.1", 123},
                                      {"0.0.0.0", 123},
                                      {"255.255.255.255", 123},
                                      {"ff02::1", 123},
                                      {"fe80::1", 123},
                                      {"127.0.0.1", 11211},
                                      {"192.0.2.7", 53}}) {
    PlayedWorld world{names(address, static_cast<std::uint16_t>(port))};
    const auto result = survey(plain_options, world.context());
    CHECK(world.asked == std::set<std::string>{"192.0.2.1:123"});
    CHECK(grade_of(result, "keys") == Grade::critical);
    CHECK(text_of(result, "keys").contains("where no client should go"));
    CHECK(found(result, "NTS") == nullptr);
    CHECK(verdict(result) == Grade::critical);
  }
  PlayedWorld elsewhere{names("192.0.2.7", 4123)};
  CHECK(verdict(survey(plain_options, elsewhere.context())) == Grade::ok);
  CHECK(elsewhere.asked.contains("192.0.2.7:4123"));
  PlayedWorld here{names("127.0.0.2", 4123), {"127.0.0.1"}};
  CHECK(verdict(survey(plain_options, here.context())) == Grade::ok);
}

TEST_CASE("a server that follows nobody is not simply called good") {
  const auto of_reference = [](std::uint32_t id) {
    PlayedServer server;
    server.header = {.version = 4, .stratum = 10, .poll = 6, .precision = -23, .reference_id = {id}};
    return of(server, with_nts(Nts::without));
  };
  for (const std::uint32_t id : {0x7f7f0101U, 0x7f7f0100U, 0x4c4f434cU, 0x4c434c00U}) {  // also LOCL, LCL
    const auto result = of_reference(id);
    CHECK(grade_of(result, "state") == Grade::note);
    CHECK(text_of(result, "state").ends_with(": its own clock (`local`), which follows no other"));
    CHECK(verdict_of(result, plain_options)
              .sentence.starts_with(
                  "time.example.net is a good time server without NTS, of its own clock alone, "));
  }
  CHECK(grade_of(of_reference(0xc0000201), "state") == Grade::ok);
}

TEST_CASE("an address that is silent beside one that is not is a warning") {
  auto server = nts_server();
  server.silent_addresses = {"2001:db8::1"};
  PlayedWorld world{server, {"192.0.2.1", "2001:db8::1"}};
  const auto result = survey(with_nts(Nts::without), world.context());
  CHECK(verdict(result) == Grade::warning);
  CHECK(text_of(result, "together") == "no answer over IPv6: 2001:db8::1");
  server.silent_addresses.insert("192.0.2.1");
  PlayedWorld dead{server, {"192.0.2.1", "2001:db8::1"}};
  CHECK(verdict(survey(with_nts(Nts::without), dead.context())) == Grade::critical);
}

TEST_CASE("of many addresses eight are probed, and of two families one where that is wanted") {
  std::vector<std::string> many;
  for (int i = 1; i <= 12; ++i) many.push_back("192.0.2." + std::to_string(i));
  PlayedWorld world{{}, many};
  const auto result = survey(plain_options, world.context());
  CHECK(result.facts.addresses.size() == 8);
  CHECK(text_of(result, "addresses").ends_with("and 4 more, which are left out"));
  auto six = plain_options;
  six.family = base::AddressFamily::ipv6;
  PlayedWorld four{{}, many};
  CHECK(text_of(survey(six, four.context()), "addresses") == "the host has no IPv6 address");
}

TEST_CASE("what was interrupted, or out of time, is not judged as a whole") {
  for (const auto ending : {Ended::interrupted, Ended::out_of_time, Ended::no_helper}) {
    PlayedWorld world{nts_server()};
    world.ends_after = 5;
    world.ending = ending;
    const auto result = survey(plain_options, world.context());
    CHECK(world.packets == 5);
    CHECK(verdict(result) == Grade::unknown);
    CHECK(exit_status(verdict(result)) == 3);
  }
  PlayedServer silent;
  silent.passes = [](const auto&, auto) { return false; };
  PlayedWorld world{silent, {"192.0.2.1", "192.0.2.2"}};
  world.ends_after = 1;
  CHECK(verdict(survey(plain_options, world.context())) == Grade::unknown);
}

}  // namespace gnomon::testing
