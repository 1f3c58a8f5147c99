// SPDX-License-Identifier: GPL-2.0-or-later
// `gnomon-ntske check`, for `gnomonctl check-config`: what the server would make of one pair of files, and
// clients of its certificate. Serves nobody and asks nobody.
#pragma once

#include <string>

#include "base/time.hpp"
#include "helpers/ntske/tls/trust_store.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::ntske {

// Lines of a word and its value:
//   certificate-fault TEXT, key-fault TEXT    the server would not start
//   name NAME                                 a subject alternative name; one line for each
//   valid FROM UNTIL                          seconds of Unix time
//   distrusted TEXT                           a client with these trust anchors would reject it
[[nodiscard]] std::string check_pair(const ipc::CertificatePair& files, const TrustStore& trust,
                                     base::RealTime now);

}  // namespace gnomon::ntske
