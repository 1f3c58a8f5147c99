// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-probe's loop: one message, one answer.
#pragma once

#include "helpers/probe/exchange.hpp"

namespace gnomon::probe {

// Until gnomonctl closes the channel: 0; 1 after anything unexpected.
[[nodiscard]] int serve(int channel, Exchanger& exchanger);

}  // namespace gnomon::probe
