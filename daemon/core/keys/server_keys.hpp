// SPDX-License-Identifier: GPL-2.0-or-later
// The keys of cookies wherever they come from: a file of our own, a file that somebody else writes, or a
// secret shared by many servers. Keeps them as they are to be over time. Owned by the core.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "async/task_group.hpp"
#include "base/os/fd.hpp"
#include "base/os/log.hpp"
#include "config/config.hpp"
#include "daemon/core/keys/fleet_keys.hpp"
#include "daemon/core/keys/key_store.hpp"

namespace gnomon::core {

struct KeyTiming {
  base::Duration look = std::chrono::seconds{10};  // at a file that somebody else writes
  base::Duration retry = std::chrono::minutes{5};  // of what could not be saved or read
};

class ServerKeys {
 public:
  // on_changed: keys() has become another. secret: the file of `ntskeysecret`, or none.
  ServerKeys(const config::NtsSettings& settings, base::Fd secret, async::TaskGroup& tasks, base::Log& log,
             std::function<void()> on_changed, KeyTiming timing = {});
  ServerKeys(const ServerKeys&) = delete;
  ServerKeys& operator=(const ServerKeys&) = delete;

  void start();
  // The first set seals, all open.
  [[nodiscard]] std::span<const protocol::KeySet> keys() const;
  // `rekey` and reload. Error: a sentence; the keys in use stay.
  [[nodiscard]] std::expected<void, std::string> reload();
  [[nodiscard]] bool follow_secret() const { return fleet_.has_value(); }
  // Whether its file could be used when it was opened last; nullopt: the keys follow from none.
  [[nodiscard]] std::optional<bool> secret_usable() const {
    return fleet_ ? std::optional{fleet_->usable()} : std::nullopt;
  }
  // How messages name the file of `ntskeysecret`, if keys follow from one.
  void set_secret_path(const std::string& path) {
    if (fleet_) fleet_->set_path(path);
  }
  // The file of `ntskeysecret`, if keys follow from one, was opened again, or none could be. Error: a
  // sentence; the keys in use stay.
  [[nodiscard]] std::expected<void, std::string> use_secret(const base::Fd& file);
  void on_clock_set();
  void save();

 private:
  [[nodiscard]] bool advance();
  [[nodiscard]] base::Duration next_pause() const;

  async::TaskGroup& tasks_;
  std::function<void()> on_changed_;
  async::Timer timer_;
  KeyTiming timing_;
  std::optional<FleetKeys> fleet_;  // either this
  std::optional<KeyStore> store_;   // or this
};

}  // namespace gnomon::core
