// SPDX-License-Identifier: GPL-2.0-or-later
// Whether this processor has what the accelerated AEADs need.
#include "protocol/crypto/backend.hpp"

namespace gnomon::protocol::accelerated {

#if defined(__x86_64__)
bool available() {
  static const bool has_all = __builtin_cpu_supports("aes") != 0 && __builtin_cpu_supports("pclmul") != 0 &&
                              __builtin_cpu_supports("sse4.1") != 0;
  return has_all;
}
#else
bool available() {
  return false;
}

// Other architectures: nothing calls these, as available() is false.
void siv_prepare(base::Bytes, base::MutableBytes) {}
void siv_seal(std::size_t, base::Bytes, base::Bytes, base::Bytes, base::Bytes, base::MutableBytes) {}
bool siv_open(std::size_t, base::Bytes, base::Bytes, base::Bytes, base::Bytes, base::MutableBytes) {
  return false;
}
void gcm_siv_prepare(base::Bytes, base::MutableBytes) {}
void gcm_siv_seal(base::Bytes, base::Bytes, base::Bytes, base::Bytes, base::MutableBytes) {}
bool gcm_siv_open(base::Bytes, base::Bytes, base::Bytes, base::Bytes, base::MutableBytes) {
  return false;
}
#endif

}  // namespace gnomon::protocol::accelerated
