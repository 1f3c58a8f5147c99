// SPDX-License-Identifier: GPL-2.0-or-later
// The AEAD operations that a server cannot do without for an NTS request with one cookie, AEAD 15 for session
// and cookie, on texts as long as they are there.
#pragma once

#include <array>
#include <cstdint>
#include <stdexcept>

#include "base/bytes.hpp"
#include "protocol/crypto/aead.hpp"

namespace gnomon::bench {

class NtsWork {
 public:
  NtsWork() {
    if (!cookie_.seal(nonce_, {}, session_keys_, sealed_cookie_) ||
        !make().seal(nonce_, before_authenticator_, {}, tag_))
      throw std::runtime_error{"an AEAD that does not seal"};
  }
  void do_one() {
    const bool opened = cookie_.open(nonce_, {}, sealed_cookie_, session_keys_).has_value();
    const auto c2s = make();
    const auto s2c = make();
    const bool verified = c2s.open(nonce_, before_authenticator_, tag_, {}).has_value();
    const bool sealed = cookie_.seal(nonce_, {}, session_keys_, sealed_cookie_).has_value() &&
                        s2c.seal(nonce_, header_and_identifier_, cookie_field_, answer_).has_value();
    if (!opened || !verified || !sealed) throw std::runtime_error{"an AEAD that does not work"};
  }

 private:
  static constexpr auto aead = protocol::AeadId::aes_siv_cmac_256;
  static constexpr std::size_t tag = protocol::aead_tag_size;
  static constexpr std::size_t header = 48;
  static constexpr std::size_t identifier = 36;  // with the header of its field, as below
  static constexpr std::size_t cookie = 104;

  [[nodiscard]] protocol::Aead make() const {
    auto made = protocol::Aead::make(aead, key_);
    if (!made) throw std::runtime_error{"no AEAD"};
    return std::move(*made);
  }

  std::array<std::uint8_t, 32> key_{1, 2, 3};
  std::array<std::uint8_t, 16> nonce_{4, 5, 6};
  protocol::Aead cookie_ = make();
  std::array<std::uint8_t, 64> session_keys_{7, 8, 9};
  std::array<std::uint8_t, 64 + tag> sealed_cookie_{};
  std::array<std::uint8_t, header + identifier + cookie> before_authenticator_{10, 11, 12};
  std::array<std::uint8_t, tag> tag_{};
  std::array<std::uint8_t, header + identifier> header_and_identifier_{};
  std::array<std::uint8_t, cookie> cookie_field_{};
  std::array<std::uint8_t, cookie + tag> answer_{};
};

}  // namespace gnomon::bench
