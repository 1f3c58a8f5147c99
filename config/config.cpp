// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/config.hpp"

namespace gnomon::config {

bool Config::serves_ntp() const {
  return server.port != 0 && (base::AccessTable{server.access}.allows_any() || !server.broadcasts.empty());
}

bool Config::serves_ke() const {
  return nts.port != 0 && !nts.certificates.empty();
}

bool Config::serves_nts() const {
  const bool shares_keys =
      !nts.key_secret_file.empty() || (nts.rotate <= base::Seconds{} && !nts.dump_dir.empty());
  return serves_ke() || (serves_ntp() && shares_keys);
}

}  // namespace gnomon::config
