// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/probe/words.hpp"

#include <fmt/format.h>

#include <cmath>
#include <system_error>

#include "ctl/render/prose.hpp"
#include "ctl/render/render.hpp"

namespace gnomon::ctl::probe {

std::string length_text(base::Seconds length) {
  const double value = std::abs(length.count());
  if (!std::isfinite(value)) return "?";
  if (value >= 86400) return fmt::format("{:.1f} days", value / 86400);
  if (value >= 3600) return fmt::format("{:.1f} hours", value / 3600);
  const auto& unit = time_unit_of(value);
  const double shown = value / unit.size;
  return shown < 999.5 && unit.size > 1e-9 ? fmt::format("{:.3g} {}", shown, unit.name)
                                           : fmt::format("{:.0f} {}", shown, unit.name);
}

std::string offset_text(base::Seconds offset) {
  return (offset.count() < 0 ? "-" : "+") + length_text(offset);
}

std::string counted(std::size_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

std::string aead_text(std::uint16_t number) {
  switch (number) {
    case 15:
      return "AES-SIV-CMAC-256";
    case 17:
      return "AES-SIV-CMAC-512";
    case 30:
      return "AES-128-GCM-SIV";
    default:
      return fmt::format("AEAD {}", number);
  }
}

std::string letters_text(base::ReferenceId id) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    const auto c = static_cast<char>((id.value >> static_cast<unsigned>(shift)) & 0xffU);
    if (c == 0) break;
    if (c <= ' ' || c > '~') return "";
    text += c;
  }
  return text;
}

std::string reference_text(const ipc::SeenHeader& header) {
  if (header.stratum <= 1) {
    const auto letters = letters_text(header.reference_id);
    return letters.empty() ? fmt::format("{:08X}", header.reference_id.value) : letters;
  }
  const auto id = header.reference_id.value;
  return fmt::format("{}.{}.{}.{}", id >> 24U, (id >> 16U) & 0xffU, (id >> 8U) & 0xffU, id & 0xffU);
}

// 127.127.1.1 is what chronyd, ntpd and we serve an own clock as; LOCL and LCL are older names of that.
bool follows_nobody(const ipc::SeenHeader& header) {
  constexpr std::uint32_t net = 0x7f7f0100;
  const auto letters = letters_text(header.reference_id);
  return (header.reference_id.value & 0xffffff00U) == net || letters == "LOCL" || letters == "LCL";
}

std::string why_text(ipc::ProbeOutcome outcome, std::uint32_t error) {
  switch (outcome) {
    case ipc::ProbeOutcome::refused:
      return "nothing listens on the port (the host reports it)";
    case ipc::ProbeOutcome::unreachable:
    case ipc::ProbeOutcome::impossible:
      return std::generic_category().message(static_cast<int>(error));
    case ipc::ProbeOutcome::kiss:
      return "a kiss-o'-death";
    case ipc::ProbeOutcome::nak:
      return "NTSN";
    case ipc::ProbeOutcome::silent:
    case ipc::ProbeOutcome::answered:
      break;
  }
  return "no answer";
}

std::string exponent_text(int exponent) {
  constexpr int largest = 24;  // of polls; what is beyond is made up
  if (exponent < -32 || exponent > largest) return fmt::format("2^{} s", exponent);
  return exponent < 0 ? length_text(base::Seconds{std::ldexp(1, exponent)})
                      : fmt::format("{} s", 1 << exponent);
}

std::string date_text(base::RealTime time, bool utc) {
  return wall_text(base::to_seconds(time.time_since_epoch()).count(), utc);
}

long days_between(base::RealTime from, base::RealTime to) {
  return std::chrono::floor<std::chrono::days>(to - from).count();
}

std::string common_name(std::string_view subject) {
  constexpr std::string_view key = "/CN=";
  const auto at = subject.find(key);
  if (at == std::string_view::npos) return std::string{subject};
  const auto rest = subject.substr(at + key.size());
  return std::string{rest.substr(0, rest.find('/'))};
}

}  // namespace gnomon::ctl::probe
