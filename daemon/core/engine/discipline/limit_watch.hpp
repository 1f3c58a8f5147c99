// SPDX-License-Identifier: GPL-2.0-or-later
// Notices a source that stays beyond a limit of selection: it is never used, and its owner is to know which
// limit that is. And one that stays wrong in any way: another server is to take its place. Owned by the
// source table's record of that source.
#pragma once

#include <optional>
#include <tuple>

#include "base/units.hpp"
#include "daemon/core/engine/values/note.hpp"
#include "daemon/core/engine/values/verdict.hpp"

namespace gnomon::engine {

class LimitWatch {
 public:
  static constexpr int enough = 4;  // samples in a row

  // The verdict after a further sample of that stratum. A note with the last one of `enough`, once.
  [[nodiscard]] std::optional<Note> look(const Verdict& verdict, base::Stratum stratum);

  // Its last `enough` samples or more found it beyond a limit or in contradiction to the majority, as chronyd
  // counts them.
  [[nodiscard]] bool is_bad() const { return bad_ >= enough; }

  // All of it, for records (engine/replay).
  [[nodiscard]] auto state(this auto& self) { return std::tie(self.beyond_, self.samples_, self.bad_); }

 private:
  Reason beyond_ = Reason::best;
  int samples_ = 0;  // in a row
  int bad_ = 0;      // in a row, for whatever reason; not above `enough`
};

}  // namespace gnomon::engine
