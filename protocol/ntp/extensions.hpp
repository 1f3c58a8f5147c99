// SPDX-License-Identifier: GPL-2.0-or-later
// Extension fields beside those of NTS, in a request and in the response to it (`extfield`):
//   0xF323, an experiment of chrony's towards NTPv5: the server's root values with more digits, and its
//   receive timestamp on a scale that its corrections leave alone.
//     octets 0-3    0xf5bedd9a
//     octets 4-7    root delay, units of 2^-28 s
//     octets 8-11   root dispersion, the same
//     octets 12-19  receive timestamp; 0: it has none
//     octets 20-23  epoch: another number, another scale
//   0x010A, network correction: how long the request was on its way in transparent clocks, as these have it.
//     octets 0-7    units of 2^-32 s
//     octets 8-23   0
// A client fills all but the first four octets of 0xF323 with zeros.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "base/ntp_time.hpp"
#include "protocol/ntp/packet.hpp"

namespace gnomon::protocol {

struct MonotonicRoot {
  base::Seconds root_delay{};  // below 16, like the next one
  base::Seconds root_dispersion{};
  base::NtpTimestamp receive;
  std::uint32_t epoch = 0;
  friend bool operator==(const MonotonicRoot&, const MonotonicRoot&) = default;
};

// Of one packet; nullopt: it does not have the field.
struct Extensions {
  std::optional<MonotonicRoot> monotonic{};
  std::optional<base::Seconds> correction{};  // below 2^31
  friend bool operator==(const Extensions&, const Extensions&) = default;
};

// Of two fields of one type the last one counts; one of another length or without the magic number is none.
[[nodiscard]] Extensions read_extensions(std::span<const ExtensionField> fields);
// Octets that write_extensions() writes.
[[nodiscard]] std::size_t size_of(const Extensions& extensions);
// Fields long enough to stand last, without a MAC. No allocation.
void write_extensions(const Extensions& extensions, base::ByteWriter& writer);
// Of `extensions` those fields that `wished` has.
[[nodiscard]] Extensions only(const Extensions& extensions, const Extensions& wished);

}  // namespace gnomon::protocol
