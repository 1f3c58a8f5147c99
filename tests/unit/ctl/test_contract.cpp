// SPDX-License-Identifier: GPL-2.0-or-later
// From the daemon's reports to gnomonctl's text: both ends of io.gnomon.Control as they are, without the
// socket between them.
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <iterator>
#include <numeric>
#include <stdexcept>
#include <string>

#include "ctl/command_line.hpp"
#include "ctl/run.hpp"
#include "ctl/session/session.hpp"
#include "ctl/varlink/complaint.hpp"
#include "ctl/varlink/varlink_client.hpp"
#include "daemon/core/control/methods.hpp"
#include "tests/unit/catch.hpp"

namespace {

using namespace gnomon;
using namespace std::chrono_literals;
namespace control = core::control;

std::string file(const std::string& name) {
  std::ifstream stream(std::string(GNOMON_GOLDEN "/") + name);
  if (!stream) throw std::runtime_error("cannot read " + name);
  return {std::istreambuf_iterator<char>(stream), {}};
}

base::IpAddress address(const char* text) {
  return base::parse_address(text).value_or(base::IpAddress{});
}

// The moment of the recorded reports, in nanoseconds.
constexpr base::RealTime at(std::int64_t nanoseconds) {
  return base::RealTime{base::Duration{nanoseconds}};
}

control::SourceReport recorded_source() {
  control::SourceReport source;
  auto& association = source.association;
  association.id = {1};
  association.name = "127.0.0.1";
  association.address = address("127.0.0.1");
  association.port = 11123;
  association.poll = {1};
  association.stratum = 3;
  association.reach = 0377;
  association.last_rx = 2500ms;
  association.auth = {.mode = engine::AuthMode::nts,
                      .key_id = 1,
                      .key_type = 30,
                      .key_length = 128,
                      .last_ke = 25s,
                      .cookies = 8,
                      .cookie_length = 64};
  association.ntp = {.any = true,
                     .local = association.address,
                     .version = 4,
                     .mode = 4,
                     .stratum = 3,
                     .poll = 1,
                     .precision = -25,
                     .reference_id = base::local_reference_id,
                     .reference_time = at(1795402324452063909),
                     .offset = base::Seconds{-231e-9},
                     .delay = base::Seconds{2770e-9},
                     .dispersion = base::Seconds{59e-9},
                     .response_time = base::Seconds{231327e-9},
                     .tests = 0x3ff,
                     .interleaved = true,
                     .authenticated = true,
                     .tx_stamp = engine::StampSource::kernel,
                     .rx_stamp = engine::StampSource::kernel,
                     .total_tx = 24,
                     .total_rx = 24,
                     .total_valid_rx = 24,
                     .total_good_rx = 22,
                     .total_kernel_tx = 24,
                     .total_kernel_rx = 24};
  source.verdict = {
      .source = {1}, .state = engine::SourceState::selectable, .reason = engine::Reason::distant};
  source.statistics = {.samples = 22,
                       .runs = 12,
                       .span = base::Seconds{23},
                       .residual_frequency = {0.007},
                       .skew = {0.04},
                       .estimated_offset = base::Seconds{491e-9},
                       .standard_deviation = base::Seconds{290e-9},
                       .measured_offset = base::Seconds{231e-9},
                       .adjusted_offset = base::Seconds{231e-9},
                       .error = base::Seconds{1444e-9}};
  return source;
}

// A pool's name that DNS has no answer for.
control::SourceReport unresolved_source() {
  control::SourceReport source;
  source.association.id = {2};
  source.association.name = "nosuch.invalid";
  source.association.activity = engine::Activity::unresolved;
  return source;
}

class Recorded : public control::Reporter {
 public:
  [[nodiscard]] engine::TrackingReport tracking() const override {
    return {.reference_id = {0x7F000002},
            .address = address("127.0.0.2"),
            .name = "127.0.0.2",
            .stratum = 5,
            .reference_time = at(1795402348258176270),
            .system_time = base::Seconds{1044e-9},
            .last_offset = base::Seconds{149e-9},
            .rms_offset = base::Seconds{393e-9},
            .frequency = {-0.01},
            .residual_frequency = {0.002},
            .skew = {0.054},
            .root_delay = base::Seconds{2535e-9},
            .root_dispersion = base::Seconds{3954e-9},
            .update_interval = base::Seconds{2},
            .leap = base::LeapIndicator::none};
  }
  [[nodiscard]] std::vector<control::SourceReport> sources() const override {
    return {recorded_source(), unresolved_source()};
  }
  [[nodiscard]] control::ExplainReport explain() const override {
    auto source = recorded_source();
    const auto words = engine::explain_source(source.verdict, source.association, {});
    std::vector<engine::ExplainedSource> sources{{source.association, source.verdict, words}};
    auto situation = engine::situation_of(tracking(), {}, sources, {});
    return {std::move(situation), engine::error_bound(tracking()), std::move(sources)};
  }
  [[nodiscard]] core::EventLog* events() const override { return nullptr; }
  [[nodiscard]] control::ServerReport server() const override {
    return {.ntp_hits = 24,
            .command_hits = 5,
            .ke_hits = 1,
            .ntp_auth_hits = 24,
            .ntp_interleaved_hits = 22,
            .ntp_timestamps = 23,
            .ntp_timestamp_span = 24,
            .daemon_tx = 2,
            .kernel_rx = 24,
            .kernel_tx = 22};
  }
  [[nodiscard]] std::expected<engine::ClientsPage, engine::Refusal> clients(
      const engine::ClientsQuery& query) override {
    constexpr std::uint32_t indices = 6144;
    if (query.first > 0) return engine::ClientsPage{.indices = indices, .next = indices, .clients = {}};
    return engine::ClientsPage{
        .indices = indices,
        .next = 4000,
        .clients = {{.address = address("127.0.0.1"),
                     .ntp = {.hits = 24, .interval = 1, .last = std::chrono::seconds{1}},
                     .key_exchange = {.hits = 1, .last = std::chrono::seconds{26}}}}};
  }
  [[nodiscard]] std::vector<control::CertificateReport> certificates() const override {
    std::vector<control::CertificateReport> reports{{.file = "/etc/gnomon/time.crt",
                                                     .in_use_since = at(1795402324000000000),
                                                     .facts = {.subject = "/CN=time.example.net",
                                                               .names = {"time.example.net", "192.0.2.1"},
                                                               .key = ipc::KeyKind::ecdsa,
                                                               .key_bits = 256,
                                                               .not_before = at(1793836800000000000),
                                                               .not_after = at(1801612800000000000)},
                                                     .days_left = 71},
                                                    {.file = "/etc/gnomon/broken.crt"}};
    std::iota(reports[0].facts.fingerprint.begin(), reports[0].facts.fingerprint.end(), std::uint8_t{0});
    return reports;
  }
  [[nodiscard]] std::expected<void, engine::Refusal> rekey() override {
    return std::unexpected("there is no certificate to read");
  }
  [[nodiscard]] std::expected<void, engine::Refusal> apply(
      const engine::OperatorCommand& /*command*/) override {
    return {};
  }
  [[nodiscard]] std::expected<engine::ManualOutcome, engine::Refusal> set_time(
      base::RealTime /*time*/) override {
    return engine::ManualOutcome{base::Seconds{1.5}, {0.25}, {12.5}};
  }
  [[nodiscard]] std::vector<engine::ManualEntry> manual_entries() const override {
    return {{at(1795402324000000000), base::Seconds{0.01}, base::Seconds{0.52}, base::Seconds{-0.02}}};
  }
  [[nodiscard]] engine::SmoothingReport smoothing() const override {
    return {.active = true,
            .offset = base::Seconds{7164e-9},
            .frequency = {0.182178},
            .wander = -0.01,
            .last_update = base::Seconds{1},
            .remaining = base::Seconds{77.6}};
  }
  [[nodiscard]] std::expected<void, engine::Refusal> smooth_time(control::SmoothTimeCommand order) override {
    if (order == control::SmoothTimeCommand::activate) return {};
    return std::unexpected("smoothtime is not configured");
  }
  [[nodiscard]] std::expected<void, engine::Refusal> apply(
      const control::SourceCommand& /*command*/) override {
    return {};
  }
  [[nodiscard]] std::expected<void, engine::Refusal> apply(const control::ChangeAccess&) override {
    return {};
  }
  [[nodiscard]] bool allows(control::AccessList, const base::IpAddress&) const override { return false; }
  [[nodiscard]] engine::RtcReport real_time_clock() const override {
    return {.used = true,
            .reference = at(1795402348500000000),
            .samples = 10,
            .runs = 5,
            .span = base::Seconds{549},
            .fast = base::Seconds{-1.632736},
            .gain = {-107.623}};
  }
  [[nodiscard]] std::expected<void, engine::Refusal> apply(control::RtcCommand command) override {
    if (command == control::RtcCommand::write) return {};
    return std::unexpected("the real-time clock is not tracked");
  }
  void cycle_logs() override {}
  void shut_down() override {}
};

// Of a command line with a blank between the words.
ctl::Request request_of(const std::string& line) {
  std::vector<const char*> arguments{"gnomonctl"};
  const auto words = ctl::words_of_line(line);
  for (const auto& word : words) arguments.push_back(word.c_str());
  return ctl::parse_command_line(static_cast<int>(arguments.size()), arguments.data()).value();
}

ctl::CallResult ask(const ctl::Request& request, control::Right right) {
  Recorded reporter;
  const std::string call = boost::json::serialize(boost::json::object{
      {"method", "io.gnomon.Control." + request.call.method}, {"parameters", request.call.parameters}});
  std::string text = control::answer(call, right, reporter).text;
  REQUIRE(text.ends_with('\0'));
  text.pop_back();
  return ctl::parse_reply(text);
}

std::string shown(const std::string& line) {
  ctl::Request request = request_of(line);
  request.view.naming = {};
  return ctl::show(request, ask(request, control::Right::observe).value()).value();
}

// The heading and the recorded source's line.
std::string with_first_row(const std::string& table) {
  std::size_t end = 0;
  for (int line = 0; line < 3; ++line) end = table.find('\n', end) + 1;
  return table.substr(0, end);
}

}  // namespace

TEST_CASE("the daemon's reports come out as chronyc's text") {
  CHECK(shown("tracking") == file("tracking.txt"));
  CHECK(shown("serverstats") == file("serverstats.txt"));
  CHECK("\n" + file("ntpdata-one.txt") == shown("ntpdata"));
  CHECK(shown("smoothing") == file("smoothing.txt"));
  CHECK(shown("rtcdata") == file("rtcdata.txt"));
  CHECK(shown("sources") == with_first_row(file("sources.txt")));
  CHECK(shown("sourcestats") == with_first_row(file("sourcestats.txt")));
  CHECK(shown("authdata") == with_first_row(file("authdata.txt")));
}

TEST_CASE("clients come in parts, for operators only") {
  auto request = request_of("-n clients -k");
  CHECK_FALSE(ask(request, control::Right::observe));
  const auto first = ask(request, control::Right::operate).value();
  CHECK(first.at("next") == 4000);
  CHECK(ctl::show(request, first).value() == file("clients-k.txt"));
  request.call.parameters["first"] = first.at("next");
  const auto last = ask(request, control::Right::operate).value();
  CHECK_FALSE(last.contains("next"));
  auto nobody = file("clients-none.txt");
  nobody.replace(nobody.find("   Cmd"), 6, "NTS-KE");
  CHECK(ctl::show(request, last).value() == nobody);
}

TEST_CASE("access is checked and changed as chronyc says it") {
  const auto said = [](const std::string& line) {
    const auto one = request_of(line);
    return ctl::show(one, ask(one, control::Right::operate).value()).value();
  };
  CHECK(said("accheck 192.0.2.1") == "209 Access denied\n");
  CHECK(said("allow all 10.1") == "200 OK\n");
  CHECK_FALSE(ask(request_of("allow"), control::Right::observe));
}

TEST_CASE("certificates are shown with their dates, and one that is not in use as such") {
  const auto text = shown("certificates");
  const auto golden = file("certificates.txt");
  const auto first = golden.substr(0, golden.find("Certificate file", 1));
  const auto last = golden.substr(golden.rfind("Certificate file"));
  CHECK(text == first + last);
}

TEST_CASE("a source without address counts, and is listed on demand") {
  CHECK(shown("activity").find("\n1 sources with unknown address\n") != std::string::npos);
  for (const char* command : {"sources", "sourcestats", "authdata"})
    CHECK(shown(std::string{command} + " -a").find("ID#0000000002 ") != std::string::npos);
}

TEST_CASE("who may only look is told why an order was refused") {
  const auto refused = ask(request_of("shutdown"), control::Right::observe);
  REQUIRE_FALSE(refused.has_value());
  CHECK(ctl::complaint(refused.error(), "/run/x").starts_with("gnomond refused: Only root and members"));
}

TEST_CASE("a command that fails, and one that succeeds") {
  const auto failed = ask(request_of("rekey"), control::Right::operate);
  REQUIRE_FALSE(failed.has_value());
  CHECK(ctl::complaint(failed.error(), "/run/x").find("there is no certificate to read.") !=
        std::string::npos);
  CHECK(ask(request_of("shutdown"), control::Right::operate).has_value());
  CHECK(ask(request_of("smoothtime activate"), control::Right::operate).has_value());
  CHECK_FALSE(ask(request_of("smoothtime activate"), control::Right::observe).has_value());
  CHECK_FALSE(ask(request_of("smoothtime reset"), control::Right::operate).has_value());
  CHECK(ask(request_of("writertc"), control::Right::operate).has_value());
  CHECK_FALSE(ask(request_of("writertc"), control::Right::observe).has_value());
  CHECK_FALSE(ask(request_of("trimrtc"), control::Right::operate).has_value());
}

namespace {

std::string applied(const std::string& line) {
  const auto request = request_of(line);
  return ctl::show(request, ask(request, control::Right::operate).value()).value();
}

}  // namespace

TEST_CASE("commands are applied and their answers are chronyc's") {
  CHECK(applied("makestep") == "200 OK\n");
  CHECK(applied("makestep 1 -1") == "200 OK\n");
  CHECK(applied("local stratum 8 orphan") == "200 OK\n");
  CHECK(applied("settime 16:30") ==
        "200 OK\nClock was 1.50 seconds fast.  Frequency change = 0.25ppm, new frequency = 12.50ppm\n");
  CHECK(applied("manual list") ==
        "210 n_samples = 1\n"
        "#    Date     Time(UTC)    Slewed   Original   Residual\n"
        "=======================================================\n"
        " 0 2026-11-23 02:52:04       0.01       0.52      -0.02\n");
}
