// SPDX-License-Identifier: GPL-2.0-or-later
// A failed NTS-KE in words: at which stage, why, and what can be done about it. Stateless.
#pragma once

#include <string>
#include <string_view>

#include "base/time.hpp"
#include "config/config.hpp"
#include "protocol/nts/session.hpp"

namespace gnomon::engine {

// How far it had come: "connecting", "TLS handshake", "certificate", "answer".
[[nodiscard]] std::string_view stage_of(protocol::KeFailureReason reason);
// "certificate: certificate has expired (expired on ...). Check ...": stage, reason, detail, remedy.
[[nodiscard]] std::string describe(const protocol::KeFailure& failure, const config::Source& source);
// When it is tried again, to follow that text; empty: now.
[[nodiscard]] std::string next_try(base::Duration later);

}  // namespace gnomon::engine
