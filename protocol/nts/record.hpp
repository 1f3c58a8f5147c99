// SPDX-License-Identifier: GPL-2.0-or-later
// The NTS-KE record (RFC 8915 section 4), shared by both sides' codecs:
//   C (1 bit) | type (15) | body length (16) | body
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.hpp"

namespace gnomon::protocol {

enum class RecordType : std::uint16_t {
  end_of_message = 0,
  next_protocol = 1,
  error = 2,
  warning = 3,
  aead_algorithm = 4,
  new_cookie = 5,
  ntp_server = 6,
  ntp_port = 7,
  compliant_aes_128_gcm_siv = 1024
};
inline constexpr std::uint16_t protocol_ntpv4 = 0;

struct Record {
  bool critical = false;
  RecordType type = RecordType::end_of_message;  // any 15-bit number, named or not
  base::Bytes body;                              // a view into the message
};

// nullopt: the rest of the message holds no whole record; the reader stays where it was.
[[nodiscard]] std::optional<Record> read_record(base::ByteReader& reader);
// The body as 16-bit numbers; nullopt when its length is odd.
[[nodiscard]] std::optional<std::vector<std::uint16_t>> numbers(base::Bytes body);
// The body as exactly one of them.
[[nodiscard]] std::optional<std::uint16_t> one_number(base::Bytes body);

// Appends records to a message.
class RecordWriter {
 public:
  // Bodies above 65535 octets do not occur: every caller's are far shorter; a longer one is cut.
  void write(RecordType type, bool critical, base::Bytes body);
  void write_numbers(RecordType type, bool critical, std::span<const std::uint16_t> values);
  void write_number(RecordType type, bool critical, std::uint16_t value) {
    write_numbers(type, critical, {&value, 1});
  }
  [[nodiscard]] base::Buffer finish() &&;  // adds End of Message

 private:
  void append(std::uint16_t value);
  base::Buffer message_;
};

}  // namespace gnomon::protocol
