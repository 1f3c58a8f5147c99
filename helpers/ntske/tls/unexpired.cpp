// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/tls/unexpired.hpp"

#include "helpers/ntske/tls/certificate.hpp"

namespace gnomon::ntske {

std::vector<base::Buffer> unexpired(base::Bytes pem, base::RealTime time) {
  auto kept = each_of(pem);
  std::erase_if(kept, [time](const base::Buffer& block) {
    const auto certificate = first_certificate(block);
    return !certificate || !certificate->not_after || *certificate->not_after < time;
  });
  return kept;
}

}  // namespace gnomon::ntske
