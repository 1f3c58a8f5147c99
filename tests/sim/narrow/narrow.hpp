// SPDX-License-Identifier: GPL-2.0-or-later
// A preloaded library that behaves as narrowly as the narrowest simulator, over real sockets in real time,
// and ends the program when it leaves that: what runs with it runs in a simulator. Its rules are those of
// clknetsim's client: sockets are no descriptors of the kernel's, select() is the only call that waits, knows
// nothing but them and a timer and names one at a time, and what it has named is to be read before anything
// else.
#pragma once

#include <dlfcn.h>

#define NARROW_CALL extern "C" __attribute__((visibility("default")))
// The call below ours.
#define NARROW_REAL(name) static const auto real_##name = gnomon::narrow::next_of(#name, &::name)

namespace gnomon::narrow {

template <class Function>
Function* next_of(const char* name, Function*) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));  // NOLINT: what dlsym is for
}

extern int timer;  // descriptor of the last timerfd; -1: there was none

// Exit status 99, with a sentence on standard error.
[[noreturn]] void refuse(const char* call, const char* why);

}  // namespace gnomon::narrow
