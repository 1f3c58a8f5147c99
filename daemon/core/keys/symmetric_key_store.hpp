// SPDX-License-Identifier: GPL-2.0-or-later
// The symmetric keys of `keyfile`, read from a file that gnomond opens. Owned by the core, on its main
// thread; server workers and sources share the immutable keys.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "base/os/log.hpp"
#include "protocol/mac/symmetric_keys.hpp"

namespace gnomon::core {

class SymmetricKeyStore {
 public:
  // No keys yet. `path`: of the file, for messages.
  SymmetricKeyStore(std::string path, base::Log& log);

  // From an open file, to its end. Error: it could not be read, or there are keys and it has lines that are
  // none; a sentence, which the log has as well, and what was there stays. Keys that cannot be used, and at
  // first such lines too, are left out and named in the log.
  [[nodiscard]] std::expected<void, std::string> use(int file);
  // Never null.
  [[nodiscard]] const std::shared_ptr<const protocol::SymmetricKeys>& keys() const { return keys_; }

 private:
  std::string refuse(const std::string& why, int os_error);

  std::string path_;
  base::Log& log_;
  std::shared_ptr<const protocol::SymmetricKeys> keys_;
};

}  // namespace gnomon::core
