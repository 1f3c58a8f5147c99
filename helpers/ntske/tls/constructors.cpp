// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/tls/constructors.hpp"

#include <dlfcn.h>
#include <wolfssl/options.h>
// options.h first: it says how the library was built.
#include <wolfssl/wolfcrypt/cryptocb.h>
#include <wolfssl/wolfcrypt/curve25519.h>
#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/random.h>
#include <wolfssl/wolfcrypt/sha256.h>

namespace gnomon::ntske {
namespace {

#ifdef WOLF_CRYPTO_CB
// The constructors have no user pointer.
DeviceUse device_use = DeviceUse::nothing;

// The library's own function of this name.
template <class Function>
Function* library(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));  // NOLINT: POSIX
}

int device_of(int wanted) {
  return wanted == INVALID_DEVID && device_use == DeviceUse::by_everyone ? crypto_device : wanted;
}

bool has_generator(int device) {
  return device == crypto_device && device_use != DeviceUse::nothing;
}
#endif

}  // namespace

#ifdef WOLF_CRYPTO_CB
void let_use_device(DeviceUse use) {
  device_use = use;
}
#else
void let_use_device(DeviceUse /*use*/) {}
#endif

}  // namespace gnomon::ntske

#ifdef WOLF_CRYPTO_CB
extern "C" {

int wc_curve25519_init_ex(curve25519_key* key, void* heap, int device) {
  static auto* const real = gnomon::ntske::library<decltype(wc_curve25519_init_ex)>("wc_curve25519_init_ex");
  return real == nullptr ? BAD_FUNC_ARG : real(key, heap, gnomon::ntske::device_of(device));
}

int wc_InitSha256_ex(wc_Sha256* hash, void* heap, int device) {
  static auto* const real = gnomon::ntske::library<decltype(wc_InitSha256_ex)>("wc_InitSha256_ex");
  return real == nullptr ? BAD_FUNC_ARG : real(hash, heap, gnomon::ntske::device_of(device));
}

// With our device every number comes from the kernel, so the Hash_DRBG behind it is never asked and need not
// be there.
int wc_InitRng_ex(WC_RNG* rng, void* heap, int device) {
  static auto* const real = gnomon::ntske::library<decltype(wc_InitRng_ex)>("wc_InitRng_ex");
  if (rng == nullptr || !gnomon::ntske::has_generator(device))
    return real == nullptr ? BAD_FUNC_ARG : real(rng, heap, device);
  *rng = {};
  rng->heap = heap;
  rng->devId = device;
  rng->seed.devId = device;
  return 0;
}

}  // extern "C"
#endif
