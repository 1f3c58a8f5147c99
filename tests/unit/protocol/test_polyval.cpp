// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/crypto/polyval.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/protocol/vectors.hpp"

using namespace gnomon;
using testing::octets;

TEST_CASE("POLYVAL of the inputs in RFC 8452 is as printed there") {
  const auto vectors = testing::load_vectors("aes_gcm_siv_rfc8452.json");
  for (const char* group : {"aead_30_c1", "aead_31_c2", "counter_wrap_c3"}) {
    for (const auto& vector : vectors.at(group).as_array()) {
      protocol::Polyval whole{octets(vector, "record_authentication_key")};
      whole.update(octets(vector, "polyval_input"));
      CHECK(base::to_hex(whole.result()) == base::to_hex(octets(vector, "polyval_result")));
    }
  }
}

TEST_CASE("POLYVAL pads each part and closes with the lengths in bits") {
  const auto vectors = testing::load_vectors("aes_gcm_siv_rfc8452.json");
  for (const auto& vector : vectors.at("aead_30_c1").as_array()) {
    const auto associated = octets(vector, "aad");
    const auto plaintext = octets(vector, "plaintext");
    protocol::Polyval parts{octets(vector, "record_authentication_key")};
    parts.update(associated);
    parts.update(plaintext);
    parts.update_lengths(associated.size(), plaintext.size());
    CHECK(base::to_hex(parts.result()) == base::to_hex(octets(vector, "polyval_result")));
  }
}
