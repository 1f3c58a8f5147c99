// SPDX-License-Identifier: GPL-2.0-or-later
// The commands that concern sources, as values: chronyc's commands without their text. Made by the control
// methods, applied by the core.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/units.hpp"
#include "config/config.hpp"

namespace gnomon::core::control {

// `source` is an address, a configured name, or ID#n for one without an address; in ModifySource and
// SetSelectOptions also the reference identifier of a reference clock. Where a configured name is that of a
// pool, its members to come are meant as well. `within`: those with such an address; none: all, or those of
// `source` if that is not empty. `only`: this one, whatever its address.
struct SetOnline {
  bool online = true;
  std::optional<base::Subnet> within;
  std::optional<base::SourceId> only{};
  std::string source{};
  friend bool operator==(const SetOnline&, const SetOnline&) = default;
};
struct FollowNetwork {  // onoffline: on line where there is a way to the source, else off line
  friend bool operator==(const FollowNetwork&, const FollowNetwork&) = default;
};
struct Burst {
  int good = 4;   // 1..total
  int total = 8;  // 1..10000
  std::optional<base::Subnet> within;
  std::optional<base::SourceId> only{};
  std::string source{};
  friend bool operator==(const Burst&, const Burst&) = default;
};
struct ModifySource {
  std::string source;
  // minpoll, maxpoll, maxdelay, maxdelayratio, maxdelaydevratio, minstratum, offset, polltarget
  std::string option;
  double value = 0;
  friend bool operator==(const ModifySource&, const ModifySource&) = default;
};
struct AddSource {
  config::Source source;
  friend bool operator==(const AddSource&, const AddSource&) = default;
};
struct AddSourceLine {
  std::string line;  // as in the configuration: "server ntp.example iburst"
  friend bool operator==(const AddSourceLine&, const AddSourceLine&) = default;
};
struct DeleteSource {
  std::string source;
  friend bool operator==(const DeleteSource&, const DeleteSource&) = default;
};
struct RefreshNames {
  friend bool operator==(const RefreshNames&, const RefreshNames&) = default;
};
struct ReloadSources {
  friend bool operator==(const ReloadSources&, const ReloadSources&) = default;
};
struct ResetSources {
  friend bool operator==(const ResetSources&, const ResetSources&) = default;
};
struct SetSelectOptions {
  std::string source;
  std::vector<std::string> options;  // "+prefer", "-trust", ...
  friend bool operator==(const SetSelectOptions&, const SetSelectOptions&) = default;
};
struct DumpState {
  friend bool operator==(const DumpState&, const DumpState&) = default;
};

using SourceCommand =
    std::variant<SetOnline, FollowNetwork, Burst, ModifySource, AddSource, AddSourceLine, DeleteSource,
                 RefreshNames, ReloadSources, ResetSources, SetSelectOptions, DumpState>;

}  // namespace gnomon::core::control
