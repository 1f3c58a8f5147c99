// SPDX-License-Identifier: GPL-2.0-or-later
// The file of `ntskeysecret`: opened here, where the right to do so is, and read by the core alone. Owned by
// the supervisor.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "base/os/fd.hpp"
#include "base/os/file.hpp"
#include "config/config.hpp"

namespace gnomon::launcher {

// How often a file that may be replaced is looked at.
inline constexpr base::Duration key_secret_interval = std::chrono::seconds{10};

class KeySecretFile {
 public:
  KeySecretFile() = default;  // there is none
  // `configured`: a path, or $CREDENTIALS_DIRECTORY/NAME.
  explicit KeySecretFile(std::string configured) : configured_(std::move(configured)) {}
  [[nodiscard]] static KeySecretFile of(const config::Config& config);

  [[nodiscard]] bool wanted() const { return !configured_.empty(); }
  // For reading, from its beginning. Error: a sentence with path, reason and remedy.
  [[nodiscard]] std::expected<base::Fd, std::string> open();
  // Whether what is there is not what was there at the last open().
  [[nodiscard]] bool changed() const;

 private:
  [[nodiscard]] std::expected<std::string, std::string> path() const;

  std::string configured_;
  std::optional<base::FileStamp> seen_;
};

}  // namespace gnomon::launcher
