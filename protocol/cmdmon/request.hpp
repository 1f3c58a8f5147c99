// SPDX-License-Identifier: GPL-2.0-or-later
// Requests of chrony's control protocol as values: a header that is right or is dropped, then what the
// command says. The table of commands is in request_forms.cpp.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "base/units.hpp"
#include "protocol/cmdmon/codes.hpp"
#include "protocol/cmdmon/fields.hpp"

namespace gnomon::protocol::cmdmon {

struct Nothing {
  friend bool operator==(const Nothing&, const Nothing&) = default;
};
// Sources that are meant: without an address all, without a mask the one with that address.
struct Within {
  Address mask;
  Address address;
  friend bool operator==(const Within&, const Within&) = default;
};
struct Burst {
  Within within;
  std::int32_t good = 0;
  std::int32_t total = 0;
  friend bool operator==(const Burst&, const Burst&) = default;
};
// A new value of one setting of a source; which one says the code.
struct Modify {
  Address source;
  double value = 0;
  friend bool operator==(const Modify&, const Modify&) = default;
};
struct Number {
  double value = 0;
  friend bool operator==(const Number&, const Number&) = default;
};
// An index, or one of a few choices.
struct Choice {
  std::int32_t value = 0;
  friend bool operator==(const Choice&, const Choice&) = default;
};
struct MakeStep {
  std::int32_t limit = 0;
  base::Seconds threshold{};
  friend bool operator==(const MakeStep&, const MakeStep&) = default;
};
struct SetTime {
  base::RealTime time;
  friend bool operator==(const SetTime&, const SetTime&) = default;
};
struct Local {
  bool on = false;
  std::int32_t stratum = 0;
  base::Seconds distance{};
  bool orphan = false;
  base::Seconds activate{};
  base::Seconds wait_synced{};
  base::Seconds wait_unsynced{};
  friend bool operator==(const Local&, const Local&) = default;
};
struct Access {
  Address address;
  std::int32_t bits = 0;
  friend bool operator==(const Access&, const Access&) = default;
};
// A source, or an address to be checked.
struct Target {
  Address address;
  friend bool operator==(const Target&, const Target&) = default;
};
struct Clients {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint32_t least_hits = 0;
  bool reset = false;
  friend bool operator==(const Clients&, const Clients&) = default;
};
// Of the mask, and of reports; the options beside the mask have the bits of source_flag.
namespace select_bit {
inline constexpr std::uint16_t no_select = 0x1;
inline constexpr std::uint16_t prefer = 0x2;
inline constexpr std::uint16_t trust = 0x4;
inline constexpr std::uint16_t require = 0x8;
}  // namespace select_bit
struct SelectOptions {
  Address source;
  base::ReferenceId reference_id;  // of a reference clock, when there is no address
  std::uint32_t mask = 0;          // those that change, as select_bit
  std::uint32_t options = 0;       // those that are set then, as source_flag
  friend bool operator==(const SelectOptions&, const SelectOptions&) = default;
};
struct Offset {
  Address source;
  base::ReferenceId reference_id;
  base::Seconds offset{};
  friend bool operator==(const Offset&, const Offset&) = default;
};

enum class SourceType : std::uint32_t { server = 1, peer = 2, pool = 3 };
namespace source_flag {
inline constexpr std::uint32_t online = 0x1;
inline constexpr std::uint32_t auto_offline = 0x2;
inline constexpr std::uint32_t iburst = 0x4;
inline constexpr std::uint32_t prefer = 0x8;
inline constexpr std::uint32_t no_select = 0x10;
inline constexpr std::uint32_t trust = 0x20;
inline constexpr std::uint32_t require = 0x40;
inline constexpr std::uint32_t interleaved = 0x80;
inline constexpr std::uint32_t burst = 0x100;
inline constexpr std::uint32_t nts = 0x200;
inline constexpr std::uint32_t copy = 0x400;
inline constexpr std::uint32_t field_mono_root = 0x800;        // extension field F323
inline constexpr std::uint32_t field_net_correction = 0x1000;  // extension field 10A
inline constexpr std::uint32_t ipv4 = 0x2000;
inline constexpr std::uint32_t ipv6 = 0x4000;
}  // namespace source_flag
// In wire order, unchecked.
struct AddSource {
  std::uint32_t type = 0;
  std::optional<std::string> name;  // nullopt: it does not end within its 256 octets
  std::uint32_t port = 0;
  std::int32_t min_poll = 0;
  std::int32_t max_poll = 0;
  std::int32_t presend = 0;
  std::uint32_t min_stratum = 0;
  std::uint32_t poll_target = 0;
  std::uint32_t version = 0;
  std::uint32_t max_sources = 0;
  std::int32_t min_samples = 0;
  std::int32_t max_samples = 0;
  std::uint32_t key_id = 0;
  std::uint32_t nts_port = 0;
  base::Seconds max_delay{};
  double max_delay_ratio = 0;
  double max_delay_dev_ratio = 0;
  base::Seconds min_delay{};
  double asymmetry = 0;
  base::Seconds offset{};
  std::uint32_t flags = 0;
  std::int32_t filter = 0;
  std::uint32_t cert_set = 0;
  double max_delay_quantile = 0;
  std::int32_t max_unreach = 0;  // 0: of chronyc before 4.8, which does not know it
  friend bool operator==(const AddSource&, const AddSource&) = default;
};
using Body = std::variant<Nothing, Within, Burst, Modify, Number, Choice, MakeStep, SetTime, Local, Access,
                          Target, Clients, SelectOptions, Offset, AddSource>;

// One command: what it looks like, and which reply it gets when all is well.
struct RequestForm {
  Code code;
  Body (*read)(FieldReader&);
  std::uint16_t data_size;  // octets after the header, without the padding
  ReplyCode reply;
  bool only_reads = false;  // may be opened to others by `opencommands`
};
[[nodiscard]] std::span<const RequestForm> request_forms();
[[nodiscard]] const RequestForm* find_form(std::uint16_t command);
// What a request must have, padding included, for this reply to be no longer than it.
[[nodiscard]] std::size_t request_size(const RequestForm& form, ReplyCode reply);

struct Header {
  std::uint8_t version = 0;
  std::uint16_t command = 0;
  std::uint32_t sequence = 0;
};
// nullopt: it is dropped without a reply.
[[nodiscard]] std::optional<Header> read_header(base::Bytes datagram);

struct Request {
  Code code;
  ReplyCode reply;  // an older form when the request is as short as an older chronyc sends it
  bool only_reads = false;
  Body body;
};
// Of a datagram with a header. The error is what the reply says.
[[nodiscard]] std::expected<Request, Status> read_request(const Header& header, base::Bytes datagram);

}  // namespace gnomon::protocol::cmdmon
