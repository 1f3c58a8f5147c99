// SPDX-License-Identifier: GPL-2.0-or-later
// The key exchange with one address, and which AEADs the server knows.
#pragma once

#include "ctl/probe/context.hpp"

namespace gnomon::ctl::probe {

// nullopt: there was no time for it.
[[nodiscard]] std::optional<KeyExchange> ask_ke(const Options& options, const Context& context,
                                                const base::IpAddress& address);

}  // namespace gnomon::ctl::probe
