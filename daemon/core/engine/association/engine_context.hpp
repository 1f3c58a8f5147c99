// SPDX-License-Identifier: GPL-2.0-or-later
// What an association must know of the rest of the daemon. A value that whoever owns the associations keeps
// up to date.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "daemon/core/engine/values/certificate_dates.hpp"
#include "protocol/mac/symmetric_keys.hpp"

namespace gnomon::engine {

// How our own clients know us.
struct OwnClock {
  bool serves = true;                              // false: nobody can follow us
  std::uint8_t stratum = 16;                       // as served
  base::Ppm skew{200};                             // by which its frequency may be wrong
  std::vector<base::ReferenceId> reference_ids{};  // of our addresses except those of loopback; sorted
  friend bool operator==(const OwnClock&, const OwnClock&) = default;
};

struct EngineContext {
  base::Seconds clock_precision{1e-7};
  base::Ppm max_clock_error{1};
  base::RealTime era{};                   // NTP timestamps mean times of the 136 years from then on
  bool ignore_certificate_dates = false;  // nocerttimecheck still in force
  CertificateDates dates{};               // how else dates of certificates are checked
  bool remembers = false;                 // cookies are kept over a restart
  bool one_shot = false;  // -q, -Q: exchanges follow each other without a pause, no pause after the KE
  std::vector<std::uint16_t> aeads;  // ntsaeads
  base::Seconds nts_refresh{2419200};
  std::uint16_t ptp_port = 0;  // of NTP over PTP; 0: there is none
  base::AddressFamily family = base::AddressFamily::unspecified;
  base::Seconds name_refresh{1209600};  // refresh: names are resolved again after that long; 0: never
  int max_samples = 0;                  // maxsamples, of sources without an option of their own; 0: no limit
  OwnClock own{};
  std::shared_ptr<const protocol::SymmetricKeys> symmetric_keys{};  // null: no keyfile
  std::vector<base::IpAddress> taken{};  // addresses other associations use: not chosen from a resolved list
  friend bool operator==(const EngineContext&, const EngineContext&) = default;
};

}  // namespace gnomon::engine
