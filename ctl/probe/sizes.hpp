// SPDX-License-Identifier: GPL-2.0-or-later
// Requests of growing size, and telling a size that is lost from a server that answers no more.
#pragma once

#include <span>

#include "ctl/probe/asker.hpp"

namespace gnomon::ctl::probe {

// In growing order; notes in the exchanges what became of them. Ends early where the server falls silent.
// `patient`: it may be silent from the beginning since it was asked too much before.
[[nodiscard]] std::vector<Size> try_sizes(Asker& asker, std::span<const ipc::ProbeExchange> requests,
                                          bool patient = false);

}  // namespace gnomon::ctl::probe
