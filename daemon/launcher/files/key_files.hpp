// SPDX-License-Identifier: GPL-2.0-or-later
// The files of `ntskeysecret` and `keyfile`. Owned by the supervisor, which passes them to the core.
#pragma once

#include <optional>
#include <string>

#include "base/os/log.hpp"
#include "base/time.hpp"
#include "config/config.hpp"
#include "daemon/launcher/files/secret_file.hpp"

namespace gnomon::launcher {

class KeyFiles {
 public:
  KeyFiles() = default;
  [[nodiscard]] static KeyFiles of(const config::Config& config);
  // Those of another configuration from now on; what was complained of is remembered.
  void follow(const config::Config& config);

  [[nodiscard]] bool wants_secret() const { return secret_.wanted(); }
  // Without a descriptor: there is none, or it cannot be used, and the log says why.
  [[nodiscard]] base::Fd open_secret(base::MonoTime now, base::Log& log);
  [[nodiscard]] base::Fd open_symmetric_keys(base::Log& log);
  // Whether the secret is to be opened again. It is replaced while we run, so it is looked at now and then;
  // the symmetric keys are read when an operator says so, as both sides have to agree.
  [[nodiscard]] bool secret_has_changed(base::MonoTime now);
  // When to look again; nullopt: there is nothing to look at.
  [[nodiscard]] std::optional<base::MonoTime> next_look() const;
  // Of the secret; empty: there is none.
  [[nodiscard]] std::string secret_path() const { return secret_.path().value_or(std::string{}); }
  // Whether hear_change() is called from now on when the secret may have changed.
  void set_told(bool told) { told_ = told; }
  void hear_change(base::MonoTime now) { next_look_ = now; }

 private:
  SecretFile secret_;
  SecretFile symmetric_keys_;
  base::MonoTime next_look_;
  bool told_ = false;
  std::string complaint_;  // about the secret, the last one in the log
  base::MonoTime complained_;
};

}  // namespace gnomon::launcher
