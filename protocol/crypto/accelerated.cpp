// SPDX-License-Identifier: GPL-2.0-or-later
// Whether this processor has what the accelerated AEADs need.
#include "protocol/crypto/backend.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace gnomon::protocol::accelerated {

#if defined(__x86_64__)
// The compilers' built-in functions for this ask the processor at the start of each program that has one,
// which costs a virtual machine 50 to 100 us.
bool available() {
  static const bool has_all = [] {
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    unsigned d = 0;
    constexpr unsigned wanted = bit_AES | bit_PCLMUL | bit_SSE4_1;
    return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & wanted) == wanted;
  }();
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
