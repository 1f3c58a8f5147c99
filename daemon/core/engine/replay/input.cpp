// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/replay/input.hpp"

#include <utility>

namespace gnomon::engine {

namespace {

struct HandIn {
  Timekeeper& keeper;

  InputResult operator()(const input::Add& i) const {
    keeper.add(i.traits);
    return {};
  }
  InputResult operator()(const input::Remove& i) const {
    keeper.remove(i.source);
    return {};
  }
  InputResult operator()(const input::SetAddress& i) const {
    keeper.set_address(i.source, i.address);
    return {};
  }
  InputResult operator()(const input::SetProvisional& i) const {
    keeper.set_provisional(i.source, i.provisional);
    return {};
  }
  InputResult operator()(const input::Reconfigure& i) const {
    keeper.reconfigure(i.source, i.options);
    return {};
  }
  InputResult operator()(const input::Retune& i) const {
    keeper.retune(i.before, i.now);
    return {};
  }
  InputResult operator()(const input::Await& i) const {
    keeper.await(i.source, i.until);
    return {};
  }
  InputResult operator()(const input::Update& i) const {
    return {.decisions = keeper.update(i.source, i.status, i.sample, i.now)};
  }
  InputResult operator()(const input::Tick& i) const { return {.decisions = keeper.on_tick(i.now)}; }
  InputResult operator()(const input::ClockChange& i) const {
    return {.decisions = keeper.on_clock_changed(i.change, i.now)};
  }
  InputResult operator()(const input::ClockJump& i) const {
    return {.decisions = keeper.on_clock_jumped(i.by, i.now, i.asleep)};
  }
  InputResult operator()(const input::StepRefused& i) const {
    return {.decisions = keeper.on_step_refused(i.now)};
  }
  InputResult operator()(const input::Command& i) const {
    auto decisions = keeper.apply(i.command, i.now);
    if (!decisions) return {.refusal = std::move(decisions.error())};
    return {.decisions = std::move(*decisions)};
  }
  InputResult operator()(const input::TimeEntered& i) const {
    auto result = keeper.enter_time(i.time, i.now);
    if (!result) return {.refusal = std::move(result.error())};
    return {.decisions = std::move(result->decisions), .entered = result->outcome};
  }
  InputResult operator()(const input::LeapSecondsKnown& i) const {
    keeper.set_leap_table(i.table);
    return {};
  }
  InputResult operator()(const input::InitialOver& /*i*/) const {
    keeper.end_initial();
    return {};
  }
  InputResult operator()(const input::ActivateSmoothing& i) const {
    return {.configured = keeper.activate_smoothing(i.now)};
  }
  InputResult operator()(const input::ResetSmoothing& i) const {
    return {.configured = keeper.reset_smoothing(i.now)};
  }
  InputResult operator()(const input::Restore& i) const {
    return {.decisions = keeper.restore(i.source, i.dump, i.now)};
  }
  InputResult operator()(const input::Reset& i) const { return {.decisions = keeper.reset(i.now)}; }
};

}  // namespace

InputResult hand_in(Timekeeper& keeper, const Input& input) {
  return std::visit(HandIn{keeper}, input);
}

}  // namespace gnomon::engine
