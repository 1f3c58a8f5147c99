// SPDX-License-Identifier: GPL-2.0-or-later
// The signals that order gnomond: to end, or to read its configuration again. Owned by the supervisor.
#pragma once

#include <cstdint>
#include <optional>

#include "base/os/error.hpp"
#include "base/os/fd.hpp"

namespace gnomon::launcher {

enum class Ordered : std::uint8_t { stop, reload };

class Signals {
 public:
  Signals() = default;  // none comes
  // From now on they do nothing but come here; a write to somebody who is gone is an error and no death.
  [[nodiscard]] static base::OsResult<Signals> open();

  [[nodiscard]] int descriptor() const { return readable_.get(); }  // readable: take()
  // The next one that has come; nullopt: no more.
  [[nodiscard]] std::optional<Ordered> take();

 private:
  base::Fd readable_;
};

}  // namespace gnomon::launcher
