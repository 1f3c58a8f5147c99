// SPDX-License-Identifier: GPL-2.0-or-later
// Certificates for one test, made on the spot by the openssl command, in a folder that goes with the test.
#pragma once

#include <string>

#include "base/time.hpp"
#include "ipc/role_setup.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace gnomon::testing {

// An authority with a certificate of ten years and the servers it vouches for, 90 days each.
class Authority {
 public:
  // `days`: how long its own certificate is valid.
  explicit Authority(const TemporaryFolder& folder, const std::string& name = "authority", int days = 3650);
  [[nodiscard]] std::string certificate_file() const { return folder_ / (name_ + ".pem"); }
  // `names` as openssl writes them: DNS:time.example,IP:127.0.0.1; empty: it has none. `key` as `openssl
  // genpkey` takes it.
  [[nodiscard]] ipc::CertificatePair issue(const std::string& file, const std::string& names,
                                           const std::string& key = "EC -pkeyopt ec_paramgen_curve:P-256",
                                           int days = 90) const;

 private:
  const TemporaryFolder& folder_;
  std::string name_;
};

// A server's certificate that nobody vouches for, of 90 days; names and key as above.
[[nodiscard]] ipc::CertificatePair self_signed(
    const TemporaryFolder& folder, const std::string& file, const std::string& names,
    const std::string& key = "EC -pkeyopt ec_paramgen_curve:P-256");

[[nodiscard]] base::RealTime system_time();

}  // namespace gnomon::testing
