// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/cmdmon/request.hpp"

#include <algorithm>
#include <set>

#include "protocol/cmdmon/reply.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::protocol::cmdmon;

namespace {

base::Buffer datagram(Code code, std::size_t size, const std::string& data = {}) {
  auto octets = *base::from_hex(
      "06010000"
      "0000"
      "0001"
      "12345678"
      "0000000000000000" +
      data);
  octets[5] = static_cast<std::uint8_t>(code);
  octets.resize(size);
  return octets;
}

std::expected<Request, Status> read(const base::Buffer& octets) {
  const auto header = read_header(octets);
  REQUIRE(header);
  return read_request(*header, octets);
}

template <class T>
T body(Code code, const std::string& data) {
  const auto octets = datagram(code, longest_request, data);
  const auto request = read(octets);
  REQUIRE(request);
  REQUIRE(std::holds_alternative<T>(request->body));
  return std::get<T>(request->body);
}

const std::string ipv4 = "c0000201" + std::string(24, '0') + "00010000";
const std::string none(40, '0');

}  // namespace

TEST_CASE("each command reads exactly the octets that its row names") {
  std::set<Code> codes;
  for (const auto& form : request_forms()) {
    INFO(static_cast<int>(form.code));
    CHECK(codes.insert(form.code).second);
    const base::Buffer data(form.data_size);
    FieldReader reader{data};
    static_cast<void>(form.read(reader));
    CHECK(reader.position() == form.data_size);
  }
}

TEST_CASE("requests are as long as chronyc makes them") {
  const auto size = [](Code code) {
    const auto* const form = find_form(static_cast<std::uint16_t>(code));
    return request_size(*form, form->reply);
  };
  CHECK(size(Code::online) == 60);
  CHECK(size(Code::burst) == 68);
  CHECK(size(Code::settime) == 40);
  CHECK(size(Code::manual) == 28);
  CHECK(size(Code::n_sources) == 32);
  CHECK(size(Code::source_data) == 76);
  CHECK(size(Code::tracking) == 104);
  CHECK(size(Code::sourcestats) == 84);
  CHECK(size(Code::rtcreport) == 56);
  CHECK(size(Code::manual_list) == 416);
  CHECK(size(Code::activity) == 48);
  CHECK(size(Code::smoothing) == 52);
  CHECK(size(Code::server_stats) == 196);
  CHECK(size(Code::ntp_data) == 172);
  CHECK(size(Code::add_source) == 372);
  CHECK(size(Code::ntp_source_name) == 284);
  CHECK(size(Code::auth_data) == 52);
  CHECK(size(Code::client_accesses) == 520);
  CHECK(size(Code::select_data) == 76);
  CHECK(size(Code::modify_selectopts) == 52);
  CHECK(size(Code::local) == 48);
}

TEST_CASE("what is no request is dropped") {
  const auto good = datagram(Code::tracking, 104);
  CHECK(read_header(good)->sequence == 0x12345678);
  CHECK_FALSE(read_header(base::Bytes{good}.first(27)));
  CHECK_FALSE(read_header(base::Buffer(861)));
  for (const std::size_t octet : {1U, 2U, 3U}) {
    auto wrong = good;
    wrong[octet] ^= 2;
    CHECK_FALSE(read_header(wrong));
  }
}

TEST_CASE("wrong versions, commands and lengths get a reply that says so") {
  auto other = datagram(Code::tracking, 104);
  other[0] = 5;
  CHECK(read(other).error() == Status::bad_packet_version);
  for (const int code : {0, 10, 12, 27, 28, 32, 38, 39, 40, 55, 58, 59, 60, 61, 75, 255})
    CHECK(read(datagram(static_cast<Code>(code), longest_request)).error() == Status::invalid);
  CHECK(read(datagram(Code::tracking, 103)).error() == Status::bad_packet_length);
  CHECK(read(datagram(Code::tracking, 104)));
  CHECK(read(datagram(Code::tracking, 105)));
}

TEST_CASE("a request too short for today's reply is an older chronyc's") {
  const auto reply = [](Code code, std::size_t size) { return read(datagram(code, size)); };
  CHECK(reply(Code::server_stats, 196)->reply == ReplyCode::server_stats4);
  CHECK(reply(Code::server_stats, 195)->reply == ReplyCode::server_stats3);
  CHECK(reply(Code::server_stats, 72)->reply == ReplyCode::server_stats3);
  CHECK(reply(Code::server_stats, 60)->reply == ReplyCode::server_stats2);
  CHECK(reply(Code::server_stats, 48)->reply == ReplyCode::server_stats);
  CHECK(reply(Code::server_stats, 47).error() == Status::bad_packet_length);
  CHECK(reply(Code::ntp_data, 172)->reply == ReplyCode::ntp_data2);
  CHECK(reply(Code::ntp_data, 152)->reply == ReplyCode::ntp_data);
  CHECK(reply(Code::ntp_data, 151).error() == Status::bad_packet_length);
}

TEST_CASE("no reply is longer than its request") {
  for (const auto& form : request_forms())
    for (std::size_t size = shortest_request; size <= longest_request; ++size) {
      const auto request = read(datagram(form.code, size));
      if (request) REQUIRE(reply_size(request->reply) <= size);
    }
}

TEST_CASE("fields arrive where they belong") {
  const Address address{.ip = *base::parse_address("192.0.2.1"), .id = {}};
  CHECK(body<Within>(Code::online, none + ipv4) == Within{{}, address});
  CHECK(body<Burst>(Code::burst, none + ipv4 + "0000000400000008") == Burst{{{}, address}, 4, 8});
  CHECK(body<Modify>(Code::modify_minpoll, ipv4 + "fffffffe") == Modify{address, -2});
  CHECK(body<Modify>(Code::modify_maxdelay, ipv4 + "04800000") == Modify{address, 1});
  CHECK(body<Number>(Code::dfreq, "05800000") == Number{-1});
  CHECK(body<Choice>(Code::manual, "00000002") == Choice{2});
  CHECK(body<MakeStep>(Code::modify_makestep, "ffffffff04800000") == MakeStep{-1, base::Seconds{1}});
  CHECK(body<SetTime>(Code::settime, "000000000000000100000002").time ==
        base::RealTime{base::Duration{1'000'000'002}});
  CHECK(body<Access>(Code::deny, ipv4 + "00000018") == Access{address, 24});
  CHECK(body<Target>(Code::ntp_data, ipv4) == Target{address});
  CHECK(body<Clients>(Code::client_accesses, "00000001000000080000000300000001") == Clients{1, 8, 3, true});
  CHECK(body<SelectOptions>(Code::modify_selectopts, ipv4 + "47505300"
                                                            "00000008"
                                                            "00000010") ==
        SelectOptions{address, {0x47505300}, 8, 16});
  CHECK(body<Offset>(Code::modify_offset, ipv4 + "00000000"
                                                 "04800000") == Offset{address, {}, base::Seconds{1}});
}

TEST_CASE("local comes with times, or from an older chronyc without") {
  const std::string first =
      "00000001"
      "0000000a"
      "04800000"
      "00000001";
  const Local without{true, 10, base::Seconds{1}, true, {}, {}, {}};
  CHECK(body<Local>(Code::local2, first) == without);
  auto with = without;
  with.activate = base::Seconds{16};
  with.wait_synced = base::Seconds{1};
  with.wait_unsynced = base::Seconds{-1};
  CHECK(body<Local>(Code::local, first + "0c800000"
                                         "04800000"
                                         "05800000") == with);
}

TEST_CASE("a source to be added has its fields in wire order") {
  const auto name = base::to_hex(base::as_bytes("ntp.example"));
  const auto padded = name + std::string(512 - name.size(), '0');
  std::string rest;
  for (int i = 1; i <= 12; ++i) rest += "000000" + std::string{i < 10 ? "0" : "1"} + std::to_string(i % 10);
  for (int i = 0; i < 6; ++i) rest += "04800000";
  rest +=
      "00000015"
      "00000003"
      "00000007"
      "0c800000"
      "00000064";
  const auto source = body<AddSource>(Code::add_source, "00000003" + padded + rest);
  CHECK(source.type == 3);
  CHECK(source.name == "ntp.example");
  CHECK(source.port == 1);
  CHECK(source.min_poll == 2);
  CHECK(source.max_samples == 0x10);
  CHECK(source.key_id == 0x11);
  CHECK(source.nts_port == 0x12);
  CHECK(source.max_delay == base::Seconds{1});
  CHECK(source.offset == base::Seconds{1});
  CHECK(source.flags == (source_flag::online | source_flag::iburst | source_flag::no_select));
  CHECK(source.filter == 3);
  CHECK(source.cert_set == 7);
  CHECK(source.max_delay_quantile == 16);
  CHECK(source.max_unreach == 100);
}

TEST_CASE("a name without an end is none") {
  CHECK_FALSE(body<AddSource>(Code::add_source, "00000001" + std::string(512, '6')).name);
}
