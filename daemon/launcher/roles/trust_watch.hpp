// SPDX-License-Identifier: GPL-2.0-or-later
// The files and directories that the key exchange client trusts: when one of them changes, a new client role
// is started, which reads them again (docs/decisions/0028).
#pragma once

#include <optional>
#include <string>

#include "daemon/launcher/files/certificate_watch.hpp"

namespace gnomon::launcher {

// Empty where no source may ask for NTS.
[[nodiscard]] CertificateWatch trust_watch_of(const config::Config& config);
// Of a folder: of all that stands in it, links followed.
[[nodiscard]] std::optional<base::FileStamp> stamp_of_store(const std::string& path);

}  // namespace gnomon::launcher
