// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/tls/unexpired.hpp"

#include <string_view>

#include "helpers/ntske/tls/certificate.hpp"

namespace gnomon::ntske {

std::vector<base::Buffer> unexpired(base::Bytes pem, base::RealTime time) {
  constexpr std::string_view first_line = "-----BEGIN CERTIFICATE-----";
  constexpr std::string_view last_line = "-----END CERTIFICATE-----";
  const std::string_view text{reinterpret_cast<const char*>(pem.data()), pem.size()};  // NOLINT: text
  std::vector<base::Buffer> kept;
  for (auto begin = text.find(first_line); begin != std::string_view::npos;
       begin = text.find(first_line, begin + 1)) {
    const auto end = text.find(last_line, begin);
    if (end == std::string_view::npos) break;
    auto one = text.substr(begin, end + last_line.size() - begin);
    base::Buffer block{one.begin(), one.end()};
    block.push_back('\n');
    const auto certificate = first_certificate(block);
    if (certificate && certificate->not_after && *certificate->not_after >= time)
      kept.push_back(std::move(block));
  }
  return kept;
}

}  // namespace gnomon::ntske
