// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/argument_words.hpp"

#include <array>
#include <charconv>

namespace gnomon::ipc {

namespace {

constexpr std::array<std::string_view, 3> family_names{"any", "ipv4", "ipv6"};
constexpr std::array<std::string_view, 3> mode_names{"daemon", "set-once", "print-once"};
constexpr std::array<std::string_view, 4> maker_names{"kernel", "step", "slew", "nobody"};

template <class E, std::size_t n>
bool choose(std::string_view word, const std::array<std::string_view, n>& names, E& value) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (word != names[i]) continue;
    value = static_cast<E>(i);
    return true;
  }
  return false;
}

template <class T>
bool parse_number(std::string_view word, T& value) {
  const auto* const end = word.data() + word.size();
  const auto [at, error] =
      std::from_chars(word.data(), end, value);  // NOLINT(bugprone-suspicious-stringview-data-usage)
  return error == std::errc{} && at == end;
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

bool parse_subnet(std::string_view word, base::Subnet& subnet) {
  if (word == "any") return true;
  const auto slash = word.find('/');
  const auto address = base::parse_address(word.substr(0, slash));
  if (!address || slash == word.npos || !parse_number(word.substr(slash + 1), subnet.bits)) return false;
  subnet.address = *address;
  return subnet.bits <= address->bytes().size() * 8;
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
  return std::string{family_names.at(static_cast<std::size_t>(value))};
}
std::string to_word(CoreMode value) {
  return std::string{mode_names.at(static_cast<std::size_t>(value))};
}
std::string to_word(LeapMaker value) {
  return std::string{maker_names.at(static_cast<std::size_t>(value))};
}
std::string to_word(const base::IpAddress& value) {
  return base::to_string(value);
}
std::string to_word(const base::AccessRule& value) {
  const auto& subnet = value.subnet;
  return std::string{value.allow ? "allow" : "deny"} + (value.all ? "-all " : " ") +
         (subnet.address.is_specified() ? base::to_string(subnet.address) + "/" + std::to_string(subnet.bits)
                                        : "any");
}
std::string to_word(const CertificatePair& value) {
  return value.certificate_file + " " + value.key_file;
}
std::string to_word(const TrustedCertificates& value) {
  return std::to_string(value.set) + " " + value.path;
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
  return parse_number(word, value);
}
bool from_word(std::string_view word, std::int64_t& value) {
  return parse_number(word, value);
}
bool from_word(std::string_view word, base::AddressFamily& value) {
  return choose(word, family_names, value);
}
bool from_word(std::string_view word, CoreMode& value) {
  return choose(word, mode_names, value);
}
bool from_word(std::string_view word, LeapMaker& value) {
  return choose(word, maker_names, value);
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
  return parse_subnet(halves.second, value.subnet);
}
bool from_word(std::string_view word, CertificatePair& value) {
  Halves halves;
  if (!halve(word, halves) || halves.second.contains(' ')) return false;
  value = {std::string{halves.first}, std::string{halves.second}};
  return true;
}
bool from_word(std::string_view word, TrustedCertificates& value) {
  Halves halves;
  if (!halve(word, halves) || !parse_number(halves.first, value.set)) return false;
  value.path = halves.second;
  return true;
}

}  // namespace gnomon::ipc
