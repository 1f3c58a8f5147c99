// SPDX-License-Identifier: GPL-2.0-or-later
// The certificates that we trust, of authorities and of single servers, by set, as the files held them when
// the role started. Owned by the client role.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "helpers/ntske/tls/certificate.hpp"
#include "helpers/ntske/tls/tls.hpp"
#include "ipc/role_setup.hpp"
#include "protocol/nts/session.hpp"

namespace gnomon::ntske {

class TrustStore {
 public:
  // Reads what it can; `warnings` says what it could not. Set 0 has the system's certificates too, unless
  // they are turned off.
  [[nodiscard]] static TrustStore load(const ipc::KeClientSetup& setup, std::vector<std::string>& warnings);

  // A context that trusts the authorities of `set` that are valid at `verification_time`, as far as `dates`
  // asks for that. Created for each session because the time to check against may have changed since.
  // Null: there is none in this set.
  [[nodiscard]] TlsContext make_context(std::uint32_t set, base::RealTime verification_time,
                                        protocol::DateCheck dates) const;

  // All certificates of `set`: a server that shows one of them as its own needs no authority.
  [[nodiscard]] const std::vector<Fingerprint>& pinned(std::uint32_t set) const;

 private:
  void add_system_certificates(std::vector<std::string>& warnings);
  bool add(std::uint32_t set, const std::string& path, std::vector<std::string>& warnings);

  struct Set {
    std::vector<base::Buffer> pem;
    std::vector<Fingerprint> pinned;
  };
  std::map<std::uint32_t, Set> sets_;
};

}  // namespace gnomon::ntske
