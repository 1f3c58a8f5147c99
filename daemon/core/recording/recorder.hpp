// SPDX-License-Identifier: GPL-2.0-or-later
// Writes down what happens to the engine for who records it: at most one at a time, who reads at its own
// pace. What it does not fetch in time makes room, and it is told how much that was. Owned by the core.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/raw_text.hpp"
#include "daemon/core/control/recording.hpp"
#include "daemon/core/engine/association/events.hpp"
#include "daemon/core/engine/replay/decided.hpp"
#include "daemon/core/engine/replay/input.hpp"
#include "daemon/core/engine/values/refusal.hpp"
#include "daemon/core/events/kept_log.hpp"

namespace gnomon::core {

class Recorder {
 public:
  // Of lines that nobody has fetched yet, octets. None are taken while nothing is recorded.
  static constexpr std::size_t memory_size = 1U << 20U;
  // All that is known of each is written down at once, while everything else waits.
  static constexpr std::size_t most_sources = 256;

  // program: name and version; configuration: the effective lines.
  Recorder(const base::Clock& clock, std::string program, std::vector<std::string> configuration);

  // Refused while there is a recording already, and with more than `most_sources`.
  [[nodiscard]] std::expected<control::Recording, engine::Refusal> begin(const engine::Timekeeper& keeper);
  // The state is as the input has left it.
  void take(const engine::Input& input, const engine::InputResult& outcome, const engine::Timekeeper& keeper);
  void take(base::SourceId source, const engine::Received& packet);
  void take(const base::LogMessage& message);
  // The daemon has another configuration.
  void use_configuration(std::vector<std::string> lines);

 private:
  [[nodiscard]] bool active();
  void add(std::string_view line);

  const base::Clock& clock_;
  std::string program_;
  std::vector<std::string> configuration_;
  std::vector<std::uint8_t> memory_;
  std::optional<KeptLog> log_;  // while somebody records
  std::optional<engine::DecidedWriter> decided_;
  base::RawText line_;                // of those that come with each packet: one memory for all
  std::weak_ptr<const void> reader_;  // who has begun it
};

}  // namespace gnomon::core
