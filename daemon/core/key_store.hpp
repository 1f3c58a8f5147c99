// SPDX-License-Identifier: GPL-2.0-or-later
// The server's cookie master keys and their file (chrony's ntskeys): loaded at start, rotated by running
// time, saved whenever they change. The one owner of the key set, on the core's main thread.
#pragma once

#include <optional>
#include <string>

#include "base/os/log.hpp"
#include "base/time.hpp"
#include "protocol/nts/cookie.hpp"

namespace gnomon::core {

struct KeyStoreSettings {
  std::string directory;     // ntsdumpdir; empty: keys are not kept
  base::Seconds rotation{};  // ntsrotate; 0: the keys are managed by somebody else, the file is only read
};

class KeyStore {
 public:
  // Loads the file, or makes fresh keys and says why.
  KeyStore(KeyStoreSettings settings, base::Log& log, base::MonoTime now);
  KeyStore(const KeyStore&) = delete;
  KeyStore& operator=(const KeyStore&) = delete;

  [[nodiscard]] const protocol::KeySet& keys() const { return keys_; }
  // When rotate() is due; nullopt: never.
  [[nodiscard]] std::optional<base::MonoTime> next_rotation() const;
  void rotate(base::MonoTime now);
  void save(base::MonoTime now) const;
  // Keys managed elsewhere are read again (`rekey`); false: they could not be, the old ones stay.
  [[nodiscard]] bool reload(base::MonoTime now);
  [[nodiscard]] bool managed_elsewhere() const { return settings_.rotation.count() <= 0; }

 private:
  [[nodiscard]] std::string path() const { return settings_.directory + "/ntskeys"; }
  [[nodiscard]] bool load(base::MonoTime now);
  void make_fresh();

  KeyStoreSettings settings_;
  base::Log& log_;
  protocol::KeySet keys_;
  base::MonoTime made_;  // when the current key became current, on this machine's running time
};

}  // namespace gnomon::core
