// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/argument_words.hpp"

#include <array>
#include <optional>

#include "base/enum_words.hpp"
#include "base/number.hpp"

namespace gnomon::ipc {

namespace {

using base::EnumWord;

constexpr std::array family_words{EnumWord{base::AddressFamily::unspecified, "any"},
                                  EnumWord{base::AddressFamily::ipv4, "ipv4"},
                                  EnumWord{base::AddressFamily::ipv6, "ipv6"}};
constexpr std::array mode_words{EnumWord{CoreMode::daemon, "daemon"},
                                EnumWord{CoreMode::set_once, "set-once"},
                                EnumWord{CoreMode::print_once, "print-once"}};
constexpr std::array maker_words{EnumWord{LeapMaker::kernel, "kernel"}, EnumWord{LeapMaker::step, "step"},
                                 EnumWord{LeapMaker::slew, "slew"}, EnumWord{LeapMaker::nobody, "nobody"}};

constexpr std::array driver_words{EnumWord{RefclockDriver::shm, "SHM"},
                                  EnumWord{RefclockDriver::sock, "SOCK"},
                                  EnumWord{RefclockDriver::pps, "PPS"}, EnumWord{RefclockDriver::phc, "PHC"},
                                  EnumWord{RefclockDriver::rtc, "RTC"}};

// False: there was nothing to take.
template <class T>
bool take(const std::optional<T>& read, T& value) {
  if (read) value = *read;
  return read.has_value();
}

// The words before and after the first space; paths on a configuration line hold none.
struct Halves {
  std::string_view first;
  std::string_view second;
};
bool halve(std::string_view word, Halves& halves) {
  const auto space = word.find(' ');
  if (space == 0 || space == word.npos || space + 1 == word.size()) return false;
  halves = {word.substr(0, space), word.substr(space + 1)};
  return true;
}

constexpr std::string_view host_mark = "host ";

// "host NAME"
bool take_host(std::string_view word, std::string& host) {
  if (!word.starts_with(host_mark)) return false;
  host = word.substr(host_mark.size());
  return base::is_host_name(host);
}

// "any", or an address with its bits.
bool take_subnet(std::string_view word, base::Subnet& subnet) {
  return word == "any" || (word.contains('/') && take(base::parse_subnet(word), subnet));
}

}  // namespace

std::string to_word(const std::string& value) {
  return value;
}
std::string to_word(bool value) {
  return value ? "yes" : "no";
}
std::string to_word(double value) {
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.begin(), text.end(), value).ptr;
  return {text.begin(), end};
}
std::string to_word(std::int64_t value) {
  return std::to_string(value);
}
std::string to_word(base::AddressFamily value) {
  return std::string{base::word_of(family_words, value)};
}
std::string to_word(CoreMode value) {
  return std::string{base::word_of(mode_words, value)};
}
std::string to_word(LeapMaker value) {
  return std::string{base::word_of(maker_words, value)};
}
std::string to_word(const base::IpAddress& value) {
  return base::to_string(value);
}
std::string to_word(const base::AccessRule& value) {
  const auto rule = std::string{value.allow ? "allow" : "deny"} + (value.all ? "-all " : " ");
  if (!value.host.empty()) return rule + std::string{host_mark} + value.host;
  const auto& subnet = value.subnet;
  if (!subnet.address.is_specified()) return rule + "any";
  return rule + base::to_string(subnet.address) + "/" + std::to_string(subnet.bits);
}
std::string to_word(const CertificatePair& value) {
  return value.certificate_file + " " + value.key_file;
}
std::string to_word(const TrustedCertificates& value) {
  return std::to_string(value.set) + " " + value.path;
}
std::string to_word(const RefclockDevice& value) {
  return std::string{base::word_of(driver_words, value.driver)} + " " + std::to_string(value.poll) + " " +
         std::to_string(value.driver_poll) + " " + value.parameter;
}

bool from_word(std::string_view word, std::string& value) {
  value = word;
  return true;
}
bool from_word(std::string_view word, bool& value) {
  value = word == "yes";
  return value || word == "no";
}
bool from_word(std::string_view word, double& value) {
  return take(base::parse_number<double>(word), value);
}
bool from_word(std::string_view word, std::int64_t& value) {
  return take(base::parse_number<std::int64_t>(word), value);
}
bool from_word(std::string_view word, base::AddressFamily& value) {
  return take(base::value_of(family_words, word), value);
}
bool from_word(std::string_view word, CoreMode& value) {
  return take(base::value_of(mode_words, word), value);
}
bool from_word(std::string_view word, LeapMaker& value) {
  return take(base::value_of(maker_words, word), value);
}
bool from_word(std::string_view word, base::IpAddress& value) {
  const auto address = base::parse_address(word);
  value = address.value_or(base::IpAddress{});
  return address.has_value();
}
bool from_word(std::string_view word, base::AccessRule& value) {
  Halves halves;
  if (!halve(word, halves)) return false;
  value.allow = halves.first.starts_with("allow");
  value.all = halves.first.ends_with("-all");
  if (halves.first != (value.allow ? "allow" : "deny") + std::string{value.all ? "-all" : ""}) return false;
  return take_host(halves.second, value.host) || take_subnet(halves.second, value.subnet);
}
bool from_word(std::string_view word, CertificatePair& value) {
  Halves halves;
  if (!halve(word, halves) || halves.second.contains(' ')) return false;
  value = {std::string{halves.first}, std::string{halves.second}};
  return true;
}
bool from_word(std::string_view word, TrustedCertificates& value) {
  Halves halves;
  if (!halve(word, halves) || !take(base::parse_number<std::uint32_t>(halves.first), value.set)) return false;
  value.path = halves.second;
  return true;
}
bool from_word(std::string_view word, RefclockDevice& value) {
  constexpr std::int8_t shortest = -7;
  constexpr std::int8_t longest = 24;
  Halves driver;
  Halves poll;
  Halves rest;
  if (!halve(word, driver) || !halve(driver.second, poll) || !halve(poll.second, rest)) return false;
  if (!take(base::value_of(driver_words, driver.first), value.driver)) return false;
  if (!take(base::parse_number<std::int8_t>(poll.first), value.poll)) return false;
  if (!take(base::parse_number<std::int8_t>(rest.first), value.driver_poll)) return false;
  value.parameter = rest.second;
  return value.driver_poll >= shortest && value.driver_poll <= value.poll && value.poll <= longest;
}

}  // namespace gnomon::ipc
