// SPDX-License-Identifier: GPL-2.0-or-later
// What a probe is asked to do.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/address.hpp"

namespace gnomon::ctl::probe {

enum class Nts : std::uint8_t { if_offered, required, without };

struct Options {
  std::string host;  // a name or a literal address
  Nts nts = Nts::if_offered;
  base::AddressFamily family = base::AddressFamily::unspecified;
  std::uint16_t port = 123;
  std::uint16_t ke_port = 4460;
  std::uint16_t source_port = 123;  // the one that is tried beside those of the kernel's choice
  bool burst = true;
  std::string trusted;  // PEM file or directory of the authorities; empty: the system's
  std::chrono::duration<double> timeout{60};
  // How far from our clock the server's time may be: beyond it is a warning, or a failure.
  std::chrono::duration<double> warning{0.1};
  std::chrono::duration<double> critical{1};
  bool nagios = false;  // the first line as monitoring plugins have it
  bool utc = false;     // dates in UTC, otherwise in the local time zone
};

}  // namespace gnomon::ctl::probe
