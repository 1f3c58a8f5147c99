// SPDX-License-Identifier: GPL-2.0-or-later
// Failures of TLS and of the response, in the terms that the core and the user get.
#pragma once

#include <boost/system/error_code.hpp>

#include "helpers/ntske/tls/tls_stream.hpp"
#include "protocol/nts/records.hpp"
#include "protocol/nts/session.hpp"

namespace gnomon::ntske {

[[nodiscard]] protocol::KeFailure connect_failure(const boost::system::error_code& error);
// A handshake or transport failure that is not about certificates.
[[nodiscard]] protocol::KeFailure tls_failure(const TlsFailure& failure);
[[nodiscard]] protocol::KeFailure response_failure(const protocol::KeResponseFailure& failure);

}  // namespace gnomon::ntske
