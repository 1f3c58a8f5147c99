// SPDX-License-Identifier: GPL-2.0-or-later
// NTS-KE messages out of any octets, on both sides; what one side accepts it can say again and accept the
// same.
#include "protocol/nts/records.hpp"
#include "tests/fuzz/require.hpp"

using namespace gnomon;
using namespace gnomon::protocol;

namespace {

constexpr AeadId allowed[] = {AeadId::aes_128_gcm_siv, AeadId::aes_siv_cmac_256, AeadId::aes_siv_cmac_512};

void check_server(base::Bytes message) {
  const auto offer = parse_ke_request(message, allowed);
  if (!offer) return;
  // Whatever it is, our answer is one that a client which had asked so understands.
  const KeAnswer answer{*offer, {base::Buffer(96, 1), base::Buffer(96, 2)}, "", std::uint16_t{123}};
  const auto encoded = encode(answer);
  require(ke_progress(encoded, max_ke_response_size) == KeProgress::complete);
  const auto response = parse_ke_response(encoded, KeRequest{{30, 15, 17}});
  require(response.has_value() == (offer->ntpv4 && offer->aead.has_value()));
  if (response) require(response->aead == offer->aead && response->cookies == answer.cookies);
}

void check_client(base::Bytes message) {
  const KeRequest request{{30, 15, 17}};
  const auto response = parse_ke_response(message, request);
  if (!response) {
    require(!to_text(response.error().error).empty());
    return;
  }
  require(!response->cookies.empty() && response->cookies.size() <= cookies_wanted);
  for (const auto& cookie : response->cookies)
    require(!cookie.empty() && cookie.size() <= max_cookie_size && cookie.size() % 4 == 0);
  const KeAnswer answer{{response->aead, true, response->compliant_aes_128_gcm_siv},
                        response->cookies,
                        response->ntp_server,
                        response->ntp_port};
  const auto again = parse_ke_response(encode(answer), request);
  require(again && again->aead == response->aead && again->cookies == response->cookies &&
          again->ntp_server == response->ntp_server && again->ntp_port == response->ntp_port &&
          again->compliant_aes_128_gcm_siv == response->compliant_aes_128_gcm_siv);
}

// Octet by octet the verdict only ever changes once, from "more" to something else.
void check_progress(base::Bytes message) {
  auto before = KeProgress::need_more;
  for (std::size_t i = 0; i <= message.size(); ++i) {
    const auto now = ke_progress(message.first(i), max_ke_request_size);
    require(before == KeProgress::need_more || before == now);
    before = now;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes message{data, size};
  check_server(message);
  check_client(message);
  if (size <= 600) check_progress(message);
  return 0;
}
