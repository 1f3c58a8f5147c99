// SPDX-License-Identifier: GPL-2.0-or-later
// A role that logs to the journal has a Unix datagram socket, through which it could reach every other such
// socket that its user may write to: a reference clock's, chronyd's, the service manager's. A filter cannot
// see the address of a sendmsg(2); it does see the descriptor.
#pragma once

#include "base/os/sandbox/call_groups.hpp"

namespace gnomon::base {

// The same calls, of which those that name another end, or give the socket another number, are refused on
// journal_descriptor; and sending there without an address.
[[nodiscard]] CallList closed_to_others_than_the_journal(CallList calls);

}  // namespace gnomon::base
