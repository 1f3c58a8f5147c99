// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the test vectors and holds the small tools that several protocol tests share.
#pragma once

#include <boost/json.hpp>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "protocol/crypto/aead.hpp"
#include "protocol/nts/protection.hpp"

namespace gnomon::testing {

// A file of tests/vectors; throws when it is not there.
[[nodiscard]] const boost::json::object& load_vectors(std::string_view name);
// A member that is a string of hexadecimal digits.
[[nodiscard]] base::Buffer octets(const boost::json::value& object, std::string_view member);
[[nodiscard]] base::Buffer octets(std::string_view hex);
// The records of an NTS-KE message one after the other; spaces may stand in the hexadecimal text.
[[nodiscard]] base::Buffer message(std::initializer_list<std::string_view> records);
[[nodiscard]] std::size_t size(const boost::json::value& object, std::string_view member);

// A key of an AEAD's length, each octet one more than the one before.
[[nodiscard]] base::Buffer sample_key(protocol::AeadId id, std::uint8_t first = 1);
[[nodiscard]] protocol::Aead sample_aead(protocol::AeadId id, std::uint8_t first = 1);
[[nodiscard]] protocol::UniqueIdentifier sample_identifier();
// Cut to 16 octets or filled up with zeros.
[[nodiscard]] protocol::NonceEntropy nonce_of(base::Bytes octets);

inline constexpr protocol::AeadId all_aeads[] = {protocol::AeadId::aes_siv_cmac_256,
                                                 protocol::AeadId::aes_siv_cmac_512,
                                                 protocol::AeadId::aes_128_gcm_siv};

}  // namespace gnomon::testing
