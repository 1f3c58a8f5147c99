// SPDX-License-Identifier: GPL-2.0-or-later
// chrony's driftfile text: "<frequency ppm> <skew ppm>" on one line. Ours has a third word, which chrony
// leaves unread: gnomon 0.1 wrote the frequency with the other sign, and nothing else in the text tells its
// files from chrony's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/units.hpp"

namespace gnomon::engine {

struct DriftFile {
  base::Ppm frequency;  // as chrony writes it: positive, the free-running clock gains time
  base::Ppm skew;
  // What the clock has to run at to keep the time, s/s.
  [[nodiscard]] double rate() const { return -frequency.ratio(); }
};

struct DriftText {
  DriftFile drift{};    // as written
  bool marked = false;  // by us, and not by gnomon 0.1: the sign is right
};

[[nodiscard]] std::string to_text(const DriftFile& drift);
// nullopt: not two numbers and the mark or nothing, or out of range (+-100000 ppm, skew above 0).
[[nodiscard]] std::optional<DriftText> parse_drift(std::string_view text);

enum class DriftWriter : std::uint8_t { chrony, gnomon_0_1 };

// What else tells who wrote a file without the mark.
struct DriftWitness {
  double kernel_rate = 0;        // s/s, of the clock when we start; whoever steered it last set it
  bool gnomon_was_here = false;  // since the file was written: what else a gnomon keeps is as new
};

// The clock still runs at the file's rate when the machine was not restarted: then that decides.
[[nodiscard]] DriftWriter writer_of(const DriftFile& unmarked, const DriftWitness& witness);

}  // namespace gnomon::engine
