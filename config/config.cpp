// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/config.hpp"

namespace gnomon::config {

bool Config::serves_ntp() const {
  return server.port != 0 && base::AccessTable{server.access}.allows_any();
}

bool Config::serves_ke() const {
  return nts.port != 0 && !nts.certificates.empty() && base::AccessTable{server.access}.allows_any();
}

}  // namespace gnomon::config
