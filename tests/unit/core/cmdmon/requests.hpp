// SPDX-License-Identifier: GPL-2.0-or-later
// Requests as chronyc sends them, and what is read from the replies.
#pragma once

#include <string>

#include "daemon/core/cmdmon/answer.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/core/control/reporter.hpp"

namespace gnomon::testing {

namespace wire = protocol::cmdmon;

// `data`: hexadecimal; the rest of `size` is padding.
inline base::Buffer command_request(wire::Code code, const std::string& data = {},
                                    std::size_t size = wire::longest_request) {
  auto octets = *base::from_hex("0601000000000000123456780000000000000000" + data);
  octets[5] = static_cast<std::uint8_t>(code);
  octets.resize(size);
  return octets;
}

struct CommandReply {
  wire::ReplyCode code{};
  wire::Status status{};
  std::string data;  // hexadecimal
};
inline CommandReply read_reply(base::Bytes octets) {
  REQUIRE(octets.size() >= wire::reply_header_size);
  base::ByteReader reader{octets};
  CHECK(reader.read<std::uint32_t>() == 0x06020000);
  CHECK(reader.read<std::uint16_t>());
  CommandReply reply;
  reply.code = static_cast<wire::ReplyCode>(*reader.read<std::uint16_t>());
  reply.status = static_cast<wire::Status>(*reader.read<std::uint16_t>());
  CHECK(reader.take(6));
  CHECK(reader.read<std::uint32_t>() == 0x12345678);
  CHECK(reader.take(8));
  reply.data = base::to_hex(octets.subspan(wire::reply_header_size));
  return reply;
}

// A daemon that is asked without sockets.
struct CommandDesk {
  SetReporter reporter;
  base::MonoTime now{};
  core::cmdmon::SourceMemory memory{reporter, [this] { return now; }};
  core::cmdmon::Right right = core::cmdmon::Right::everything;
  core::cmdmon::OpenCommands open;
  bool shut_down = false;

  CommandReply ask(const base::Buffer& request) {
    const auto header = wire::read_header(request);
    REQUIRE(header);
    core::cmdmon::Services services{reporter, memory};
    const auto made = core::cmdmon::answer(*header, request, right, open, services);
    shut_down = made.shut_down;
    CHECK(made.reply.size() <= request.size());
    return read_reply(made.reply);
  }
  CommandReply ask(wire::Code code, const std::string& data = {}) { return ask(command_request(code, data)); }
  wire::Status status(wire::Code code, const std::string& data = {}) { return ask(code, data).status; }
};

inline const std::string no_address_hex(40, '0');
inline std::string address_hex(const std::string& text) {
  base::Buffer octets(wire::address_size);
  wire::FieldWriter writer{octets};
  writer.address({.ip = *base::parse_address(text), .id = {}});
  return base::to_hex(octets);
}

}  // namespace gnomon::testing
