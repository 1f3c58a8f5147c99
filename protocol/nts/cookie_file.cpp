// SPDX-License-Identifier: GPL-2.0-or-later
// A line NNC0, the server's name, the time of the key exchange, address and port for NTP, `CONTEXT AEAD S2C
// C2S`, then up to eight cookies, one a line. Octets are hexadecimal.
#include "protocol/nts/cookie_file.hpp"

#include <cstdio>
#include <cstring>
#include <utility>

#include "base/number.hpp"
#include "protocol/nts/file_words.hpp"
#include "protocol/nts/record.hpp"
#include "protocol/nts/records.hpp"

namespace gnomon::protocol {
namespace {

constexpr std::size_t lines_before_cookies = 5;
constexpr std::size_t longest_cookie = 512;
constexpr double latest = 9e9;  // s; beyond that a time in nanoseconds ends

std::optional<base::RealTime> read_time(std::string_view line) {
  const auto seconds = base::parse_number<double>(line);
  // No machine's clock is before 1970. A little below 0 would be written as -0.0 and read as another time.
  if (!seconds || !(*seconds >= 0 && *seconds <= latest)) return std::nullopt;
  return base::RealTime{base::to_duration(base::Seconds{*seconds})};
}

std::optional<base::Endpoint> read_endpoint(std::string_view line) {
  const auto words = split(line, " ");
  if (words.size() != 2) return std::nullopt;
  const auto address = base::parse_address(words[0]);
  const auto port = base::parse_number<std::uint16_t>(words[1]);
  if (!address || !port || *port == 0) return std::nullopt;
  return base::Endpoint{*address, *port};
}

std::optional<base::Secret> read_key(std::string_view word, AeadId aead) {
  auto octets = base::from_hex(word);
  if (!octets) return std::nullopt;
  base::Secret key{*octets};
  const bool fits = octets->size() == traits(aead).key_size;
  base::wipe(*octets);
  if (!fits) return std::nullopt;
  return key;
}

std::expected<void, std::string> read_session(std::string_view line, CookieFile& file) {
  const auto words = split(line, " ");
  if (words.size() != 4) return fault(5, "number of the key exchange, AEAD and two keys are expected");
  const auto context = base::parse_number<std::uint32_t>(words[0]);
  if (!context) return fault(5, "the number of the key exchange is not a number");
  const auto id = base::parse_number<std::uint16_t>(words[1]);
  const auto aead = id ? aead_from_number(*id) : std::nullopt;
  if (!aead) return fault(5, "the AEAD is not supported");
  auto s2c = read_key(words[2], *aead);
  auto c2s = read_key(words[3], *aead);
  if (!s2c || !c2s) return fault(5, "a key is not hexadecimal or not as long as its AEAD needs");
  file.context = *context;
  file.keys = {*aead, std::move(*c2s), std::move(*s2c)};
  return {};
}

void append_octets(std::string& text, base::Bytes octets, char after) {
  std::string hex = to_capital_hex(octets);
  text += hex;
  text += after;
  explicit_bzero(hex.data(), hex.size());
}

}  // namespace

std::string to_cookie_file(const CookieFile& file) {
  char time[64];
  const double established = base::to_seconds(file.established.time_since_epoch()).count();
  static_cast<void>(std::snprintf(time, sizeof time, "%.1f", established));
  std::string text;
  text.reserve(max_cookie_file);  // for all of it: growing would leave copies of keys behind
  text += "NNC0\n" + file.name + "\n" + time + "\n";
  text += base::to_string(file.ntp.address) + " " + std::to_string(file.ntp.port) + "\n";
  text += std::to_string(file.context) + " " + std::to_string(static_cast<unsigned>(file.keys.aead)) + " ";
  append_octets(text, file.keys.s2c.reveal(), ' ');
  append_octets(text, file.keys.c2s.reveal(), '\n');
  for (const auto& cookie : file.cookies) append_octets(text, cookie, '\n');
  return text;
}

std::expected<CookieFile, std::string> parse_cookie_file(std::string_view text) {
  const auto lines = split(text, "\n");
  if (lines.empty() || lines[0] != "NNC0")
    return fault(1, "this is no file of NTS cookies (NNC0 is expected)");
  if (lines.size() <= lines_before_cookies)
    return fault(lines.size(), "the file ends before the first cookie");
  if (lines.size() > lines_before_cookies + cookies_wanted) return fault(lines.size(), "too many cookies");
  CookieFile file;
  if (split(lines[1], " ").size() != 1) return fault(2, "the server's name is expected");
  file.name = split(lines[1], " ").front();
  const auto established = read_time(lines[2]);
  if (!established) return fault(3, "the time of the key exchange is not a time");
  file.established = *established;
  const auto ntp = read_endpoint(lines[3]);
  if (!ntp) return fault(4, "address and port of the NTP server are expected");
  file.ntp = *ntp;
  if (auto session = read_session(lines[4], file); !session) return Fault{session.error()};
  for (std::size_t i = lines_before_cookies; i < lines.size(); ++i) {
    auto cookie = base::from_hex(lines[i]);
    if (!cookie || cookie->empty() || cookie->size() > longest_cookie)
      return fault(i + 1, "this is no cookie in hexadecimal");
    file.cookies.push_back(std::move(*cookie));
  }
  return file;
}

}  // namespace gnomon::protocol
