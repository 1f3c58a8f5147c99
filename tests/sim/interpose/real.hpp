// SPDX-License-Identifier: GPL-2.0-or-later
// What the functions we replace need in common; no state.
#pragma once

#include <dlfcn.h>

#include <cerrno>
#include <cstdlib>

// Exported: found before libc's of the same name.
#define GNOMON_INTERPOSED extern "C" __attribute__((visibility("default")))

namespace gnomon::interpose {

// The function that ours hides. To be kept in a static: dlsym is slow.
template <class Function>
Function* real(const char* name, Function*) {
  void* const found = dlsym(RTLD_NEXT, name);
  if (found == nullptr) std::abort();
  return reinterpret_cast<Function*>(found);
}

// A negative errno becomes errno and -1.
template <class Number>
Number returned(Number result) {
  if (result >= 0) return result;
  errno = static_cast<int>(-result);
  return -1;
}

}  // namespace gnomon::interpose

#define GNOMON_REAL(function) \
  static auto* const real_##function = gnomon::interpose::real(#function, &(function))
