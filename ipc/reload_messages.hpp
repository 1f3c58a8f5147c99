// SPDX-License-Identifier: GPL-2.0-or-later
// Core and launcher: the configuration while the daemon runs. The core can ask for the same files to be read
// again and for the outcome to be used, and has no word on what they are: one part comes for each request, so
// that the channel always has room.
#pragma once

#include <cstdint>
#include <string>

#include "ipc/frame.hpp"

namespace gnomon::ipc {

// Longer texts are cut: so many octets of a line, as the parser has it, and of a sentence or path.
inline constexpr std::size_t longest_configuration_line = 2047;
inline constexpr std::size_t longest_configuration_text = 1000;

// --- core -> launcher
struct ReadConfiguration {  // all files again; the first part of what they say, please
  static constexpr auto type = MessageType::read_configuration;
};
struct NextConfigurationPart {
  static constexpr auto type = MessageType::next_configuration_part;
};
struct UseConfiguration {  // what was read last is in force from now on
  static constexpr auto type = MessageType::use_configuration;
};
struct ReloadEnd {  // the reload that Reload has begun is over, whatever came of it
  static constexpr auto type = MessageType::reload_end;
};

// --- launcher -> core: either errors, or changes and then lines; at last ConfigurationEnd
struct ConfigurationError {
  static constexpr auto type = MessageType::configuration_error;
  std::uint32_t line = 0;    // 0: the file as a whole
  std::uint32_t column = 0;  // from 1, of the word
  std::string file;
  std::string message;  // what is wrong, without a full stop
  std::string text;     // the line as it was written
  friend bool operator==(const ConfigurationError&, const ConfigurationError&) = default;
};
enum class ConfigurationChangeKind : std::uint8_t { added, removed, changed };
struct ConfigurationChange {
  static constexpr auto type = MessageType::configuration_change;
  ConfigurationChangeKind kind{};
  bool needs_restart = false;
  std::uint32_t line = 0;
  std::string file;
  std::string directive;
  std::string text;    // the line; of one that was removed as it was
  std::string before;  // of one that was changed
  std::string reason;  // why it needs a restart, where the directive alone does not say
  friend bool operator==(const ConfigurationChange&, const ConfigurationChange&) = default;
};
struct ConfigurationLine {  // of what is in force afterwards, in order
  static constexpr auto type = MessageType::configuration_line;
  std::string text;
};
struct ConfigurationEnd {
  static constexpr auto type = MessageType::configuration_end;
  bool usable = false;  // UseConfiguration may follow
};
struct ConfigurationUsed {  // the reply to UseConfiguration
  static constexpr auto type = MessageType::configuration_used;
};

}  // namespace gnomon::ipc
