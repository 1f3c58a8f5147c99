// SPDX-License-Identifier: GPL-2.0-or-later
// The certificates of the NTS-KE server: `gnomon-ntske check` reads and tries each pair as the server does,
// and says what it found; gnomonctl itself has no TLS.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "ctl/check/configuration.hpp"

namespace gnomon::ctl {

// Runs gnomon-ntske with these words and gives what it printed; nullopt: it is not installed or failed.
using RunNtske = std::function<std::optional<std::string>(const std::vector<std::string>& words)>;
[[nodiscard]] std::optional<std::string> run_ntske(const std::vector<std::string>& words);

void check_certificates(const Configuration& configuration, base::RealTime now, const RunNtske& run,
                        Findings& findings);

}  // namespace gnomon::ctl
