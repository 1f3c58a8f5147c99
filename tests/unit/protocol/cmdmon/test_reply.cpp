// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/cmdmon/reply.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::protocol::cmdmon;

namespace {

constexpr std::uint32_t sequence = 0x12345678;

std::string data_of(const ReplyBody& body, ReplyCode code) {
  const auto octets = encode({Status::success, body}, code, 33, sequence);
  CHECK(octets.size() == reply_size(code));
  return base::to_hex(base::Bytes{octets}.subspan(reply_header_size));
}

const Address ipv4{.ip = *base::parse_address("192.0.2.1"), .id = {}};
const std::string ipv4_text = "c0000201" + std::string(24, '0') + "00010000";

}  // namespace

TEST_CASE("a reply repeats command and sequence, and says what became of the request") {
  CHECK(base::to_hex(encode({Status::no_such_source, {}}, ReplyCode::tracking, 33, sequence)) ==
        "06020000"
        "0021"
        "0001"
        "0004"
        "000000000000"
        "12345678"
        "0000000000000000");
  const auto octets = encode({Status::success, reply::SourceCount{7}}, ReplyCode::n_sources, 14, sequence);
  CHECK(base::to_hex(octets) ==
        "06020000"
        "000e"
        "0002"
        "0000"
        "000000000000"
        "12345678"
        "0000000000000000"
        "00000007");
}

TEST_CASE("every body fills its form exactly") {
  const auto fills = [](const ReplyBody& body, ReplyCode code) {
    // A writer that ran out of room would leave zeros; one with too much room as well.
    const auto octets = encode({Status::success, body}, code, 1, sequence);
    return octets.size() == reply_size(code);
  };
  CHECK(fills(reply::SourceData{}, ReplyCode::source_data));
  CHECK(fills(reply::Smoothing{}, ReplyCode::smoothing));
  CHECK(fills(reply::Clients{}, ReplyCode::client_accesses));
}

TEST_CASE("source data") {
  const reply::SourceData source{.address = ipv4,
                                 .poll = -2,
                                 .stratum = 3,
                                 .state = reply::SourceState::unselected,
                                 .mode = reply::SourceMode::peer,
                                 .reach = 255,
                                 .since_sample = std::chrono::seconds{17},
                                 .measured_offset = base::Seconds{1},
                                 .adjusted_offset = base::Seconds{-1},
                                 .error = base::Seconds{16}};
  CHECK(data_of(source, ReplyCode::source_data) == ipv4_text +
                                                       "fffe"
                                                       "0003"
                                                       "0004"
                                                       "0001"
                                                       "0000"
                                                       "00ff"
                                                       "00000011"
                                                       "04800000"
                                                       "05800000"
                                                       "0c800000");
}

TEST_CASE("tracking") {
  const reply::Tracking tracking{.reference_id = {0x7f7f0101},
                                 .address = {},
                                 .stratum = 10,
                                 .leap = base::LeapIndicator::none,
                                 .reference_time = base::RealTime{std::chrono::seconds{1}},
                                 .correction = base::Seconds{1},
                                 .last_offset = base::Seconds{2},
                                 .rms_offset = base::Seconds{4},
                                 .frequency = {8},
                                 .residual_frequency = {16},
                                 .skew = {32},
                                 .root_delay = base::Seconds{64},
                                 .root_dispersion = base::Seconds{128},
                                 .update_interval = base::Seconds{256}};
  CHECK(data_of(tracking, ReplyCode::tracking) == "7f7f0101" + std::string(40, '0') +
                                                      "000a"
                                                      "0000"
                                                      "000000000000000100000000"
                                                      "04800000"
                                                      "06800000"
                                                      "08800000"
                                                      "0a800000"
                                                      "0c800000"
                                                      "0e800000"
                                                      "10800000"
                                                      "12800000"
                                                      "14800000");
}

TEST_CASE("source statistics") {
  const reply::SourceStats stats{
      {0xc0000201}, ipv4, 4, 3, 120, base::Seconds{1}, {2}, {4}, base::Seconds{8}, base::Seconds{16}};
  CHECK(data_of(stats, ReplyCode::sourcestats) == "c0000201" + ipv4_text +
                                                      "00000004"
                                                      "00000003"
                                                      "00000078"
                                                      "04800000"
                                                      "06800000"
                                                      "08800000"
                                                      "0a800000"
                                                      "0c800000");
}

TEST_CASE("activity and smoothing") {
  CHECK(data_of(reply::Activity{1, 2, 3, 4, 5}, ReplyCode::activity) ==
        "00000001"
        "00000002"
        "00000003"
        "00000004"
        "00000005");
  const reply::Smoothing smoothing{true, true, base::Seconds{1}, {2}, 4, base::Seconds{8}, base::Seconds{16}};
  CHECK(data_of(smoothing, ReplyCode::smoothing) ==
        "00000003"
        "04800000"
        "06800000"
        "08800000"
        "0a800000"
        "0c800000");
}

TEST_CASE("server statistics, in the form that the request has room for") {
  const reply::ServerStats stats{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, (1ULL << 32U) | 17};
  std::string words;
  std::string counters;
  for (int i = 1; i <= 16; ++i) {
    const std::string digits{"0123456789abcdef0"[i % 16]};
    const auto word = i < 16 ? "0000000" + digits : std::string{"00000010"};
    counters += "00000000" + word;
    if (i <= 11) words += word;
  }
  CHECK(data_of(stats, ReplyCode::server_stats4) == counters + "0000000100000011" + std::string(64, 'f'));
  CHECK(data_of(stats, ReplyCode::server_stats3) == words);
  CHECK(data_of(stats, ReplyCode::server_stats2) == words.substr(0, 64));
  CHECK(data_of(stats, ReplyCode::server_stats) ==
        "00000001"
        "00000003"
        "00000004"
        "00000006"
        "00000007");
}

TEST_CASE("the last response of a source, in both forms") {
  const reply::NtpData ntp{.remote = ipv4,
                           .local = {},
                           .remote_port = 123,
                           .leap = base::LeapIndicator::remove,
                           .version = 4,
                           .mode = 4,
                           .stratum = 2,
                           .poll = -6,
                           .precision = -23,
                           .root_delay = base::Seconds{1},
                           .root_dispersion = base::Seconds{2},
                           .reference_id = {0x47505300},
                           .reference_time = base::RealTime{std::chrono::seconds{1}},
                           .offset = base::Seconds{4},
                           .peer_delay = base::Seconds{8},
                           .peer_dispersion = base::Seconds{16},
                           .response_time = base::Seconds{32},
                           .jitter_asymmetry = 64,
                           .tests = 0xffff,
                           .interleaved = false,
                           .authenticated = true,
                           .tx_stamp = 'K',
                           .rx_stamp = 'D',
                           .total_tx = 1,
                           .total_rx = 2,
                           .total_valid = 3,
                           .total_good = 4,
                           .total_kernel_tx = 5,
                           .total_kernel_rx = 6,
                           .total_hw_tx = 7,
                           .total_hw_rx = 8};
  const auto common = ipv4_text + std::string(40, '0') +
                      "007b"
                      "02"
                      "04"
                      "04"
                      "02"
                      "fa"
                      "e9"
                      "04800000"
                      "06800000"
                      "47505300"
                      "000000000000000100000000"
                      "08800000"
                      "0a800000"
                      "0c800000"
                      "0e800000"
                      "10800000"
                      "83ff"
                      "4b"
                      "44"
                      "00000001"
                      "00000002"
                      "00000003"
                      "00000004";
  CHECK(data_of(ntp, ReplyCode::ntp_data2) == common +
                                                  "00000005"
                                                  "00000006"
                                                  "00000007"
                                                  "00000008" +
                                                  std::string(32, 'f'));
  CHECK(data_of(ntp, ReplyCode::ntp_data) == common + std::string(24, 'f'));
}

TEST_CASE("times entered by hand") {
  CHECK(data_of(reply::ManualTimestamp{base::Seconds{1}, {2}, {4}}, ReplyCode::manual_timestamp) ==
        "04800000"
        "06800000"
        "08800000");
  const reply::ManualSample sample{base::RealTime{std::chrono::seconds{1}}, base::Seconds{1},
                                   base::Seconds{2}, base::Seconds{4}};
  const auto list = data_of(reply::ManualList{{17, sample}}, ReplyCode::manual_list);
  const std::string text =
      "000000000000000100000000"
      "04800000"
      "06800000"
      "08800000";
  CHECK(list.substr(0, 8 + 48) == "00000010" + text);
  CHECK(list.substr(list.size() - 48) == text);
  CHECK(data_of(reply::ManualList{}, ReplyCode::manual_list) == std::string(8 + 16 * 48, '0'));
}

TEST_CASE("a name ends with zeros, or with its field") {
  const auto text = data_of(reply::SourceName{"ab"}, ReplyCode::ntp_source_name);
  CHECK(text == "6162" + std::string(508, '0'));
  CHECK(data_of(reply::SourceName{std::string(300, 'a')}, ReplyCode::ntp_source_name).ends_with("616161"));
}

TEST_CASE("authentication data") {
  const reply::AuthData auth{reply::AuthMode::nts, 30, 1, 128, 2, {}, 7, 100, 3};
  CHECK(data_of(auth, ReplyCode::auth_data) ==
        "0002"
        "001e"
        "00000001"
        "0080"
        "0002"
        "ffffffff"
        "0007"
        "0064"
        "0003"
        "0000");
}

TEST_CASE("selection data") {
  const reply::SelectData source{.reference_id = {0xc0000201},
                                 .address = ipv4,
                                 .state = '*',
                                 .authentication = true,
                                 .leap = base::LeapIndicator::unsynchronised,
                                 .configured = 1,
                                 .effective = 5,
                                 .last_sample = std::chrono::seconds{9},
                                 .score = 1,
                                 .low = base::Seconds{-1},
                                 .high = base::Seconds{2}};
  CHECK(data_of(source, ReplyCode::select_data) == "c0000201" + ipv4_text +
                                                       "2a"
                                                       "01"
                                                       "03"
                                                       "00"
                                                       "0001"
                                                       "0005"
                                                       "00000009"
                                                       "04800000"
                                                       "05800000"
                                                       "06800000");
}

TEST_CASE("clients, at most eight in a reply") {
  const reply::ClientAccess client{
      ipv4, 1, 2, 3, 4, 5, 6, -1, 127, 3, 127, std::chrono::seconds{1}, {}, std::chrono::seconds{2}};
  const auto text = data_of(reply::Clients{20, 9, {9, client}}, ReplyCode::client_accesses);
  CHECK(text.substr(0, 24) ==
        "00000014"
        "00000009"
        "00000008");
  CHECK(text.substr(24, 120) == ipv4_text +
                                    "00000001"
                                    "00000002"
                                    "00000003"
                                    "00000004"
                                    "00000005"
                                    "00000006"
                                    "ff"
                                    "7f"
                                    "03"
                                    "7f"
                                    "00000001"
                                    "ffffffff"
                                    "00000002");
  CHECK(text.substr(text.size() - 120) == text.substr(24, 120));
}
