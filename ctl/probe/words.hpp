// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers as people read them, and names of numbers. Stateless.
#pragma once

#include <string>
#include <string_view>

#include "ctl/probe/facts.hpp"

namespace gnomon::ctl::probe {

[[nodiscard]] std::string length_text(base::Seconds length);  // "250 us", "1.50 ms", without sign
[[nodiscard]] std::string offset_text(base::Seconds offset);  // likewise, with sign
[[nodiscard]] std::string counted(std::size_t number, std::string_view what);  // "1 cookie", "8 cookies"
[[nodiscard]] std::string aead_text(std::uint16_t number);                     // "AES-SIV-CMAC-256"
[[nodiscard]] std::string letters_text(base::ReferenceId id);  // "GPS"; empty: it has other characters
// Of a header: the name of a clock, or the address of a source.
[[nodiscard]] std::string reference_text(const ipc::SeenHeader& header);
// It serves a clock of its own that nothing corrects, as `local` does.
[[nodiscard]] bool follows_nobody(const ipc::SeenHeader& header);
[[nodiscard]] std::string why_text(ipc::ProbeOutcome outcome, std::uint32_t error);
[[nodiscard]] std::string exponent_text(int exponent);  // of two, in seconds
[[nodiscard]] std::string date_text(base::RealTime time, bool utc);
// Whole days of 24 hours, rounded down.
[[nodiscard]] long days_between(base::RealTime from, base::RealTime to);
// Of a subject as the library writes it, the common name: "/CN=time.example/O=..."
[[nodiscard]] std::string common_name(std::string_view subject);

}  // namespace gnomon::ctl::probe
