// SPDX-License-Identifier: GPL-2.0-or-later
// The system calls of gnomond-sim that simulators do not all replace, done by those that they do. The linker
// puts these in the places of the C library's (--wrap); what they fall back on may be the simulator's.
#pragma once

#include <functional>

namespace gnomon::sim {

// Called on the event loop's thread when it begins to wait and when a signal has interrupted that.
void on_interrupted_wait(std::function<void()> handler);

// clknetsim lets each reading of a clock take time, so that programs can find out how precise it is, until
// one has waited for a timer or for a tenth of a second. Who asks other programs waits longer: they may have
// started in the same instant. Who does not is not to be kept from correcting a clock that is five percent
// off.
void let_clocks_settle(bool asks_others);

}  // namespace gnomon::sim
