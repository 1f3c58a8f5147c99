// SPDX-License-Identifier: GPL-2.0-or-later
// One name to be resolved, and when that may be tried. Owned by its address finder.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/time.hpp"

namespace gnomon::engine {

class NameLookup {
 public:
  explicit NameLookup(std::string name = {}) : name_(std::move(name)) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool wanted() const { return wanted_; }
  [[nodiscard]] base::MonoTime allowed_at() const { return allowed_at_; }
  [[nodiscard]] bool due(base::MonoTime now) const { return wanted_ && now >= allowed_at_; }
  // It was resolved, and that is longer ago than `refresh`. 0: never outdated.
  [[nodiscard]] bool is_outdated(base::MonoTime now, base::Seconds refresh) const;

  void want() { wanted_ = true; }
  void allow_at(base::MonoTime at) { allowed_at_ = at; }
  // Earlier failures do not count any more: the network has changed, or the operator asks for it.
  void forgive(base::MonoTime now);
  // The address is known without a lookup as of now.
  void set_known(base::MonoTime now) { done_at_ = now; }
  // Back-off: 2, 4, 8, 28 and then always 54 s, and up to a tenth more. jitter: 0 <= x < 1.
  void failed(base::MonoTime now, double jitter);
  // Looking for other addresses again and again is limited, too: to once in 28 s.
  void succeeded(base::MonoTime now, double jitter);

 private:
  std::string name_;
  bool wanted_ = false;
  int failures_ = 0;  // in a row
  base::MonoTime allowed_at_;
  std::optional<base::MonoTime> done_at_;
};

}  // namespace gnomon::engine
