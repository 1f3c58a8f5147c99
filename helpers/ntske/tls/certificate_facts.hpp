// SPDX-License-Identifier: GPL-2.0-or-later
// Facts about one of our certificates for the core, for reports and for warnings before it expires.
#pragma once

#include <cstdint>

#include "helpers/ntske/tls/certificate.hpp"
#include "ipc/certificate_messages.hpp"

namespace gnomon::ntske {

// `pair`: its place in the configuration. A date that no calendar knows counts as the begin of 1970.
[[nodiscard]] ipc::CertificateFacts facts_of(const Certificate& certificate, std::uint16_t pair);

}  // namespace gnomon::ntske
