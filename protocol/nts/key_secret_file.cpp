// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/nts/key_secret_file.hpp"

#include <algorithm>
#include <utility>

#include "base/secret.hpp"
#include "protocol/nts/file_words.hpp"

namespace gnomon::protocol {
namespace {

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view blanks = " \t\r";
  const auto first = line.find_first_not_of(blanks);
  if (first == line.npos) return {};
  return line.substr(first, line.find_last_not_of(blanks) - first + 1);
}

std::expected<base::Buffer, std::string> octets_of(std::size_t number, std::string_view line) {
  auto octets = base::from_hex(line);
  if (!octets) return fault(number, "the secret is not an even number of hexadecimal digits");
  if (octets->size() < min_secret_size) {
    base::wipe(*octets);
    return fault(number, "the secret is shorter than 32 octets (64 hexadecimal digits)");
  }
  return std::move(*octets);
}

void wipe_all(std::vector<base::Buffer>& secrets) {
  for (auto& secret : secrets) base::wipe(secret);
}

}  // namespace

std::expected<std::vector<base::Buffer>, std::string> octets_of_secrets(std::string_view text) {
  std::vector<base::Buffer> secrets;
  secrets.reserve(max_secrets);  // none is left behind by a move
  const auto refused = [&secrets](std::unexpected<std::string> why) {
    wipe_all(secrets);
    return why;
  };
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    if (secrets.size() == max_secrets) return refused(fault(number, "more than eight secrets"));
    auto secret = octets_of(number, line);
    if (!secret) return refused(std::unexpected{secret.error()});
    secrets.push_back(std::move(*secret));
  }
  if (secrets.empty()) return std::unexpected{std::string{"there is no secret in it"}};
  return secrets;
}

}  // namespace gnomon::protocol
