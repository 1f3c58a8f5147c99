// SPDX-License-Identifier: GPL-2.0-or-later
// One message in journald's native protocol (systemd's "Native Journal Protocol"): octets on the stack, no
// heap, so that it can be made in every sandbox.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/log.hpp"

namespace gnomon::base {

class JournalDatagram {
 public:
  // NAME=value, line break. A value with line breaks: NAME, line break, its length as 64 bits in little
  // endian, value, line break. A field that does not fit any more is left out; values are cut at max_value.
  void add(std::string_view name, std::string_view value);
  void add(std::string_view name, double value);  // as short as it can be and be the same number
  void add(std::string_view name, std::int64_t value);
  [[nodiscard]] Bytes bytes() const;

  static constexpr std::size_t max_value = 2000;
  static constexpr std::size_t max_size = 8000;

 private:
  std::array<std::uint8_t, max_size> octets_{};
  std::size_t size_ = 0;
};

// The fields that every message has, and its own. `role` is who speaks: "core".
void add_message(JournalDatagram& datagram, std::string_view role, const LogMessage& message,
                 std::uint32_t left_out);

// The character that a text, which is not empty, begins with. harmless: a terminal interprets nothing of it,
// as it is valid UTF-8 (RFC 3629) and no control character but the line break; its C1 ones are some as well.
struct FirstCharacter {
  std::size_t octets = 1;  // 1: of what is none, too
  bool harmless = false;
};
[[nodiscard]] FirstCharacter first_character(std::string_view text);

// The text with '?' for each octet that is not harmless: as many octets as it has. Returns their end. Line
// breaks stay where `lines` says so.
enum class LineBreaks : bool { replace, keep };
char* put_harmless(std::string_view text, LineBreaks lines, char* into);

}  // namespace gnomon::base
