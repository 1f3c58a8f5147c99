// SPDX-License-Identifier: GPL-2.0-or-later
// Server keys derived from a secret that many servers share (`ntskeysecret`), and from the time. Owned by
// ServerKeys, on the core's main thread.
#pragma once

#include <chrono>
#include <expected>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/os/log.hpp"
#include "base/time.hpp"
#include "protocol/nts/key_secret.hpp"

namespace gnomon::core {

class FleetKeys {
 public:
  // Random keys, which open the cookies of nobody else, until the first secret. rotation: 1 s or more.
  // `path`: of the file, for messages.
  FleetKeys(std::chrono::seconds rotation, std::string path, base::Log& log);

  // From an open file: the first secret seals, all open. Error: a sentence, which the log has as well; what
  // was there stays.
  [[nodiscard]] std::expected<void, std::string> use(int file, base::RealTime now);
  // Another one from now on.
  void set_path(std::string path) { path_ = std::move(path); }
  // Nothing could be opened, and the log says why. A sentence; what was there stays.
  [[nodiscard]] std::string go_on_without_file();
  // Whether the file could be used when it was opened last.
  [[nodiscard]] bool usable() const { return usable_; }
  // Makes the keys those of the period that the system clock shows. true: they are others now.
  bool update(base::RealTime now);
  // What the clock shows when update() is due.
  [[nodiscard]] base::RealTime next_change() const;
  [[nodiscard]] std::span<const protocol::KeySet> keys() const { return keys_; }

 private:
  void derive(std::int64_t period);
  [[nodiscard]] const char* what_goes_on() const;  // while a file cannot be used

  std::chrono::seconds rotation_;
  std::string path_;
  base::Log& log_;
  std::vector<protocol::KeySecret> secrets_;
  std::vector<protocol::KeySet> keys_;  // of secrets_; without any: one, random
  std::int64_t period_ = 0;
  bool usable_ = false;
};

}  // namespace gnomon::core
