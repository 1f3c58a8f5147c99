// SPDX-License-Identifier: GPL-2.0-or-later
// What a method of the control interface is: one row with its name, the right it needs, its parameters, and
// the function from them to the reply.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "daemon/core/control/parameters.hpp"
#include "daemon/core/control/reporter.hpp"

namespace gnomon::core::control {

enum class Right : std::uint8_t { observe, operate };

enum class AfterReply : std::uint8_t {
  go_on,
  close,      // what came was not varlink, or pointless
  follow,     // what is kept is sent as it comes
  reload,     // the reply comes when the configuration was read again
  shut_down,  // then the daemon is to end
  rekey       // it comes when certificates and keys were read again
};
// Which of what is kept are next.
struct KeptQuery {
  std::uint64_t after = 0;  // those with a higher number
  std::optional<base::RealTime> since{};
  bool any = false;  // some have been sent
};
struct KeptKind;
struct Following {
  const KeptKind* kind = nullptr;
  KeptLog* log = nullptr;
  KeptQuery query{};
  std::shared_ptr<const void> reader{};  // lives as long as somebody reads, where that counts
};
struct Answer {
  std::string text;  // NUL included; empty: nothing is to be sent
  AfterReply then = AfterReply::go_on;
  bool refused = false;  // counts as a drop
  Following following{};
  bool dry_run = false;  // of a reload
};

struct Method {
  std::string_view name;
  Right right;
  std::string_view parameters;  // the names of those it takes, with a blank between
  Answer (*handle)(Parameters&, Reporter&);
  Answer (*more)(Parameters&, Reporter&) = nullptr;  // of a call with `more`, if that is another one
};
using Methods = std::span<const Method>;
[[nodiscard]] Methods report_methods();
[[nodiscard]] Methods clock_methods();
[[nodiscard]] Methods source_methods();
[[nodiscard]] Methods access_methods();
[[nodiscard]] Methods reload_methods();

[[nodiscard]] Answer refusal(std::string_view error, const boost::json::object& parameters);
[[nodiscard]] Answer invalid_parameter(std::string_view name);
// The reply to a command: empty when it was applied, else why it was not.
[[nodiscard]] Answer outcome(const std::expected<void, engine::Refusal>& applied);

// Reads a command and applies it, unless one of its parameters is missing or wrong.
template <auto Read>
Answer apply(Parameters& parameters, Reporter& reporter) {
  const auto command = Read(parameters);
  if (parameters.wrong()) return invalid_parameter(*parameters.wrong());
  return outcome(reporter.apply(command));
}
// A command without parameters.
template <typename Command>
Answer apply_plain(Parameters& /*none*/, Reporter& reporter) {
  return outcome(reporter.apply(Command{}));
}

}  // namespace gnomon::core::control
