// SPDX-License-Identifier: GPL-2.0-or-later
// What came of reading the configuration again. A value, from the core to whoever asked.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "daemon/core/engine/values/refusal.hpp"
#include "ipc/reload_messages.hpp"

namespace gnomon::core::control {

// So many are named, the others counted: a reply has to end somewhere.
inline constexpr std::size_t most_named_changes = 2000;

struct ReloadOutcome {
  std::vector<ipc::ConfigurationError> errors;    // then nothing has changed
  std::vector<ipc::ConfigurationChange> changes;  // at most most_named_changes
  std::size_t further = 0;                        // that are not named
  // What is wrong in the files of the sourcedirs, sentences; else they are used.
  std::vector<std::string> left_out{};
  bool applied = false;        // what needs no restart
  std::string keys_refused{};  // what of certificates and keys could not be used, and why
};
// The error is a sentence for the operator: it was not tried.
using ReloadResult = std::expected<ReloadOutcome, engine::Refusal>;
using ReloadDone = std::function<void(const ReloadResult&)>;

}  // namespace gnomon::core::control
