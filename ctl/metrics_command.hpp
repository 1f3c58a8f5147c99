// SPDX-License-Identifier: GPL-2.0-or-later
// The command metrics: the text for Prometheus and others, as the daemon writes it.
#pragma once

#include "ctl/command.hpp"

namespace gnomon::ctl {

[[nodiscard]] Made metrics(std::string_view name, const Words& words);
[[nodiscard]] std::string render_metrics(const Reply& reply, const View& view);

}  // namespace gnomon::ctl
