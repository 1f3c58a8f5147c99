// SPDX-License-Identifier: GPL-2.0-or-later
// What a command of chrony's control protocol is here: one row with its code and the function from its
// request to the reply.
#pragma once

#include <span>
#include <string>
#include <variant>

#include "daemon/core/cmdmon/source_memory.hpp"
#include "daemon/core/control/reporter.hpp"
#include "protocol/cmdmon/reply.hpp"
#include "protocol/cmdmon/request.hpp"

namespace gnomon::core::cmdmon {

namespace wire = protocol::cmdmon;

// What the functions work with.
struct Services {
  control::Reporter& reporter;
  SourceMemory& memory;
};

struct Command {
  wire::Code code;
  wire::Reply (*handle)(const wire::Body&, Services&);
};
using Commands = std::span<const Command>;
[[nodiscard]] Commands report_commands();
[[nodiscard]] Commands source_report_commands();
[[nodiscard]] Commands clock_commands();
[[nodiscard]] Commands source_commands();
[[nodiscard]] Commands access_commands();

// A row's function from one that takes the values of its request; which values those are is the row's of the
// protocol.
template <class Body, auto Function>
wire::Reply with(const wire::Body& body, Services& services) {
  return Function(std::get<Body>(body), services);
}

[[nodiscard]] inline wire::Reply failure(wire::Status status) {
  return {.status = status, .body = {}};
}
[[nodiscard]] wire::Status status_of(const engine::Refusal& refusal);
// Applies a command and says what became of it.
template <class T>
wire::Reply apply_command(const T& command, Services& services) {
  const auto applied = services.reporter.apply(command);
  return failure(applied ? wire::Status::success : status_of(applied.error()));
}

}  // namespace gnomon::core::cmdmon
