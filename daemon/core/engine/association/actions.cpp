// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/actions.hpp"

#include <fmt/format.h>

#include "base/overloaded.hpp"

namespace gnomon::engine {

namespace {

double seconds_of(base::MonoTime time) {
  return base::to_seconds(time.time_since_epoch()).count();
}

}  // namespace

std::string to_string(const Action& action) {
  return std::visit(
      base::Overloaded{
          [](const Wait& a) { return fmt::format("wait until {:.3f} s", seconds_of(a.until)); },
          [](const Resolve& a) { return "resolve " + a.name; },
          [](const LoadKept& a) { return "load what was kept of " + base::to_string(a.ke_server); },
          [](const Establish& a) {
            return fmt::format("establish keys with {} at {}", a.name, base::to_string(a.server));
          },
          [](const Exchange& a) {
            return fmt::format("exchange with {}, {} octets", base::to_string(a.to), a.request.size());
          },
          [](const Listen& a) { return fmt::format("listen until {:.3f} s", seconds_of(a.give_up)); },
          [](const Finish&) { return std::string{"finish"}; }},
      action);
}

}  // namespace gnomon::engine
