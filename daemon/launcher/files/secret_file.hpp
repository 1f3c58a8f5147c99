// SPDX-License-Identifier: GPL-2.0-or-later
// A file with keys that the core alone reads, opened here, where the right to do so is.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/os/fd.hpp"
#include "base/os/file.hpp"

namespace gnomon::launcher {

struct SecretKind {
  std::string_view directive;
  std::string_view what;            // "The secret for server keys": begins a sentence
  bool others_may_not_read = true;  // else it is used all the same, and advised against
};

class SecretFile {
 public:
  SecretFile() = default;  // there is none
  // `configured`: a path, or $CREDENTIALS_DIRECTORY/NAME; empty: there is none.
  SecretFile(std::string configured, const SecretKind& kind)
      : configured_(std::move(configured)), kind_(kind) {}

  [[nodiscard]] bool wanted() const { return !configured_.empty(); }
  [[nodiscard]] std::string_view directive() const { return kind_.directive; }

  struct Opened {
    base::Fd file;       // for reading, from its beginning
    std::string advice;  // a sentence about its permissions; empty: they are good
  };
  // Where it is. Error: a sentence.
  [[nodiscard]] std::expected<std::string, std::string> path() const;
  // Error: a sentence with path, reason and remedy.
  [[nodiscard]] std::expected<Opened, std::string> open();
  // Whether what is there is not what was there at the last open().
  [[nodiscard]] bool changed() const;

 private:
  [[nodiscard]] std::unexpected<std::string> unusable(const std::string& path, const std::string& why) const;

  std::string configured_;
  SecretKind kind_;
  std::optional<base::FileStamp> seen_;
};

}  // namespace gnomon::launcher
