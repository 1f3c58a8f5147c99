// SPDX-License-Identifier: GPL-2.0-or-later
// NTP with one address: samples, versions, modes, ports and sizes.
#pragma once

#include "ctl/probe/context.hpp"

namespace gnomon::ctl::probe {

// At most 30 packets, of which a server that stays silent gets fewer.
void ask_plain(const Options& options, const Context& context, AtAddress& at);
// With the keys of the key exchange, which is there; at most 20 packets.
void ask_nts(const Options& options, const Context& context, AtAddress& at);

}  // namespace gnomon::ctl::probe
