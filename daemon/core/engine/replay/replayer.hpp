// SPDX-License-Identifier: GPL-2.0-or-later
// Runs the engine over the lines of a record and compares what it decides with what the daemon had decided.
// Sans-IO; owned by gnomon-replay.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "daemon/core/engine/discipline/timekeeper.hpp"
#include "daemon/core/engine/replay/decided.hpp"

namespace gnomon::engine::replay {

// What a line has given.
struct Replayed {
  enum class Kind : std::uint8_t {
    passed,   // a line for readers: configuration, packet, event
    input,    // handed in
    lost,     // from here on inputs are missing: nothing that follows can be replayed
    finished  // the last line of a whole record
  } kind = Kind::passed;
  std::string_view input{};              // its name
  std::optional<base::RealTime> time{};  // of the system clock, where the input has one
  std::string decided{};                 // by this engine, as JSON; empty: nothing
  std::string recorded{};                // by the daemon
  std::uint64_t lost = 0;                // lines
};

class Replayer {
 public:
  // Lines in the order of the file, each from its kind on: `"kind":...}`. Error: a clause about what is wrong
  // with the line; nothing can be replayed after that.
  [[nodiscard]] std::expected<Replayed, std::string> take(std::string_view line);
  // As the inputs so far have left it. Null: no state was read yet.
  [[nodiscard]] const Timekeeper* keeper() const { return keeper_ ? &*keeper_ : nullptr; }

 private:
  using Result = std::expected<Replayed, std::string>;
  [[nodiscard]] Result begin(std::string_view rest);
  [[nodiscard]] Result restore(std::string_view rest);
  [[nodiscard]] Result replay(std::string_view rest);
  [[nodiscard]] Result lost(std::string_view rest);

  bool begun_ = false;  // the first line was read
  bool older_ = false;  // of a program with fewer members
  std::optional<Timekeeper> keeper_;
  std::optional<DecidedWriter> writer_;
};

}  // namespace gnomon::engine::replay
