// SPDX-License-Identifier: GPL-2.0-or-later
// Server keys derived from a secret that many servers share (`ntskeysecret`), and from the time. Owned by
// ServerKeys, on the core's main thread.
#pragma once

#include <chrono>
#include <span>
#include <string>
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

  // From an open file: the first secret seals, all open. false: it was refused, and the log says why; what
  // was there stays.
  [[nodiscard]] bool use(int file, base::RealTime now);
  // Makes the keys those of the period that the system clock shows. true: they are others now.
  bool update(base::RealTime now);
  // What the clock shows when update() is due.
  [[nodiscard]] base::RealTime next_change() const;
  [[nodiscard]] std::span<const protocol::KeySet> keys() const { return keys_; }

 private:
  void derive(std::int64_t period);

  std::chrono::seconds rotation_;
  std::string path_;
  base::Log& log_;
  std::vector<protocol::KeySecret> secrets_;
  std::vector<protocol::KeySet> keys_;  // of secrets_; without any: one, random
  std::int64_t period_ = 0;
};

}  // namespace gnomon::core
