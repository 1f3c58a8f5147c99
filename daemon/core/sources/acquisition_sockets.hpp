// SPDX-License-Identifier: GPL-2.0-or-later
// Bound sockets of a port that only gnomond may bind, an `acquisitionport` or that of our server, lent to one
// exchange or peer each. Owned by the core.
#pragma once

#include <vector>

#include "base/address.hpp"
#include "base/os/error.hpp"
#include "base/os/fd.hpp"

namespace gnomon::core {

class AcquisitionSockets {
 public:
  AcquisitionSockets() = default;  // none: exchanges bind their own
  // name: for messages, "sockets of acquisitionport".
  AcquisitionSockets(std::vector<base::Fd> sockets, const char* name);
  AcquisitionSockets(const AcquisitionSockets&) = delete;
  AcquisitionSockets& operator=(const AcquisitionSockets&) = delete;

  void add(base::Fd socket);
  // Whether exchanges of this family are to use them.
  [[nodiscard]] bool have(base::AddressFamily family) const { return kind(family).lent_or_free > 0; }
  // One that is connected to this server and holds nothing of earlier exchanges. EBUSY: all are lent.
  [[nodiscard]] base::OsResult<base::Fd> lend(const base::Endpoint& to);
  void take_back(base::Fd socket, base::AddressFamily family);

 private:
  struct Kind {
    std::vector<base::Fd> free;
    int lent_or_free = 0;
  };
  [[nodiscard]] Kind& kind(base::AddressFamily family) {
    return family == base::AddressFamily::ipv4 ? v4_ : v6_;
  }
  [[nodiscard]] const Kind& kind(base::AddressFamily family) const {
    return family == base::AddressFamily::ipv4 ? v4_ : v6_;
  }

  const char* name_ = "";
  Kind v4_;
  Kind v6_;
};

}  // namespace gnomon::core
