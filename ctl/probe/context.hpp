// SPDX-License-Identifier: GPL-2.0-or-later
// What a survey needs of the world; in tests played. Nothing is asked any more once `ended` says so.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/probe/facts.hpp"
#include "ctl/probe/finding.hpp"

namespace gnomon::ctl::probe {

using Addresses = std::expected<std::vector<base::IpAddress>, ipc::ResolveError>;

struct Context {
  // Each nullopt: the time is over, the user interrupted, or the helper is gone; `ended` says which.
  std::function<std::optional<Addresses>(const std::string& name, base::AddressFamily family)> resolve;
  std::function<std::optional<ipc::Inspected>(const ipc::Inspect& request)> inspect;
  std::function<std::optional<ipc::ProbeAnswer>(const ipc::ProbeExchange& request)> exchange;
  std::function<std::optional<ipc::ProbeBurstAnswer>(const ipc::ProbeBurst& request)> burst;
  std::function<void(protocol::NtsSession& session)> use_keys;  // for the requests with NTS that follow
  std::function<void(base::Duration)> pause;
  std::function<Ended()> ended;
  std::function<base::Now()> now;
  std::function<std::uint32_t(base::AddressFamily family)> given_port_error;  // errno, 0: it is bound
  std::function<OwnClock()> own_clock;
  std::function<void(std::string_view what)> begin;  // something that may take a while
  std::function<void(const Finding& finding)> tell;  // as they are found
};

}  // namespace gnomon::ctl::probe
