// SPDX-License-Identifier: GPL-2.0-or-later
// Groups of system calls that several roles need, each with the arguments it is needed for.
#pragma once

#include <initializer_list>
#include <vector>

#include "base/os/sandbox/sandbox.hpp"

namespace gnomon::base {

using CallList = std::vector<AllowedCall>;

void add_calls(CallList& to, const CallList& more);
void add_calls(CallList& to, std::initializer_list<const char*> names);  // with any arguments

// The heap: anonymous memory, none of it executable.
[[nodiscard]] CallList heap_calls();
// Waiting for other threads, and the way out, abort() included; signals reach this process alone.
[[nodiscard]] CallList thread_calls();
// The C library reads the file of the time zone where no Landlock keeps it from opening that. (read and close
// besides.)
[[nodiscard]] CallList time_zone_calls();
// A loop of Asio's on descriptors that were made before.
[[nodiscard]] CallList event_loop_calls();
// socket() of these families and types, whatever flags come with the type.
[[nodiscard]] CallList socket_calls(std::initializer_list<int> families, std::initializer_list<int> types);

// The call when the lowest `bits` of its argument `index` are none of these values: what is to be forbidden
// where only these are allowed. 1 <= bits <= 32. `more`: rules that hold besides.
[[nodiscard]] CallList calls_with_other(const char* name, unsigned index, unsigned bits,
                                        std::initializer_list<int> values,
                                        const std::vector<ArgumentRule>& more = {});

struct SocketOption {
  int level = 0;
  int name = 0;
};
[[nodiscard]] CallList setsockopt_calls(std::initializer_list<SocketOption> options);
[[nodiscard]] CallList getsockopt_calls(std::initializer_list<SocketOption> options);

}  // namespace gnomon::base
