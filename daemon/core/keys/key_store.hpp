// SPDX-License-Identifier: GPL-2.0-or-later
// The server's cookie master keys and their file (chrony's ntskeys): loaded at start, rotated by running
// time, saved whenever they change. Owned by ServerKeys, on the core's main thread.
#pragma once

#include <optional>
#include <string>

#include "base/os/file.hpp"
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
  // Said once for each trouble, and when it is over.
  void save(base::MonoTime now);
  // What save() could not write is still only in memory.
  [[nodiscard]] bool is_unsaved() const { return unread_ || !trouble_.empty(); }
  // Tries once more what could not be saved, or read at start; whether the keys are others now.
  [[nodiscard]] bool retry(base::MonoTime now);
  // Keys managed elsewhere are read again (`rekey`); false: they could not be, the old ones stay.
  [[nodiscard]] bool reload(base::MonoTime now);
  // Whether the file of keys managed elsewhere is another than the one that was read last.
  [[nodiscard]] bool has_changed() const;
  [[nodiscard]] bool managed_elsewhere() const { return settings_.rotation.count() <= 0; }

 private:
  [[nodiscard]] std::string path() const { return settings_.directory + "/ntskeys"; }
  [[nodiscard]] bool load(base::MonoTime now);
  void make_fresh();
  void say_not_saved(const base::OsError& error);

  KeyStoreSettings settings_;
  base::Log& log_;
  protocol::KeySet keys_;
  base::MonoTime made_;  // when the current key became current, on this machine's running time
  std::optional<base::FileStamp> seen_;
  std::string trouble_;  // of the last save(); empty: none
  bool unread_ = false;  // the file may hold good keys that could not be read: it is not written over
};

}  // namespace gnomon::core
