// SPDX-License-Identifier: GPL-2.0-or-later
// A server's certificates for `gnomonctl probe`, as far as the message has room for them. Stateless.
#pragma once

#include <span>
#include <string>

#include "helpers/ntske/tls/certificate.hpp"
#include "ipc/probe_messages.hpp"

namespace gnomon::ntske {

// `name`: a DNS name or a literal address that the first certificate should be for.
void describe_chain(std::span<const Certificate> chain, const std::string& name, ipc::Inspected& into);

}  // namespace gnomon::ntske
