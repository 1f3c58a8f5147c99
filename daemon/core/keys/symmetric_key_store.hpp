// SPDX-License-Identifier: GPL-2.0-or-later
// The symmetric keys of `keyfile`, read from a file that gnomond opens. Owned by the core, on its main
// thread; server workers and sources share the immutable keys.
#pragma once

#include <memory>
#include <string>

#include "base/os/log.hpp"
#include "protocol/mac/symmetric_keys.hpp"

namespace gnomon::core {

class SymmetricKeyStore {
 public:
  // No keys yet. `path`: of the file, for messages.
  SymmetricKeyStore(std::string path, base::Log& log);

  // From an open file, to its end. false: it could not be read, and the log says why; what was there stays.
  // Lines that cannot be used are left out, and named in the log.
  [[nodiscard]] bool use(int file);
  // Never null.
  [[nodiscard]] const std::shared_ptr<const protocol::SymmetricKeys>& keys() const { return keys_; }

 private:
  std::string path_;
  base::Log& log_;
  std::shared_ptr<const protocol::SymmetricKeys> keys_;
};

}  // namespace gnomon::core
