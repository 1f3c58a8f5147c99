// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/association.hpp"

#include <chrono>
#include <utility>

#include "base/overloaded.hpp"
#include "daemon/core/engine/association/association_state.hpp"
#include "daemon/core/engine/association/entropy.hpp"

namespace gnomon::engine {

namespace {

constexpr base::Duration very_long = std::chrono::hours(24);

}  // namespace

Association::State::State(base::SourceId its_id, const config::Source& its_source,
                          const base::IpAddress& its_address, const EngineContext& its_context)
    : id(its_id),
      source(its_source),
      around(its_context),
      online(!its_source.offline),
      first_address(its_address),
      ntp_port(its_source.port),
      poll(its_source, its_context.one_shot),
      filter(its_source.filter) {
  source_name.name = source.name;
  const auto literal = base::parse_address(source.name);
  name_is_literal = literal.has_value();
  if (literal && !first_address.is_specified()) first_address = *literal;
  source_name.wanted = !first_address.is_specified();
  if (source.nts)
    nts.emplace(source.max_nts_retry);
  else
    ntp_address = first_address;
}

void Association::State::start(const base::Now& now) {
  started = true;
  if (!source_name.wanted) source_name.done_at = now.mono;
  if (online) begin(now);
}

void Association::State::begin(const base::Now& now) {
  begun = now.mono;
  silent = false;
  poll.begin(now.mono);
}

Action Association::State::decide(const base::Now& now, const StepEntropy& entropy, Step& step) {
  doing = Doing::nothing;
  if (removed || given_up) return Finish{};
  if (!online && !poll.in_burst()) {
    if (around.one_shot) return Finish{};
    return Wait{now.mono + very_long};
  }
  if (const auto action = look_up(now)) return *action;
  if (around.one_shot && poll.finished()) return Finish{};
  if (const auto action = load_kept()) return *action;
  if (const auto action = establish(now, entropy, step)) return *action;
  if (const auto earliest = tx_timestamp(now); now.mono < earliest) return Wait{earliest};
  return ask(now, entropy);
}

// When the next question may leave: when it is due, or a little later for the sake of others.
base::MonoTime Association::State::tx_timestamp(const base::Now& now) {
  if (now.mono < poll.next() || spacing == nullptr) return poll.next();
  // One that was reserved before the question became due later is of no use any more.
  if (!reserved || *reserved < poll.next()) reserved = spacing->reserve(now.mono, poll.pace());
  return *reserved;
}

Association::Association(base::SourceId id, const config::Source& source, const base::IpAddress& address,
                         const EngineContext& around)
    : state_(std::make_unique<State>(id, source, address, around)) {}
Association::~Association() = default;
Association::Association(Association&&) noexcept = default;
Association& Association::operator=(Association&&) noexcept = default;

Step Association::resume(const Event& event, const base::Now& now, const StepEntropy& entropy) {
  Step step;
  State& s = *state_;
  if (!s.started) s.start(now);
  std::optional<Action> further;
  std::visit(
      base::Overloaded{[](const Started&) {}, [](const Woken&) {},
                       [&](const Resolved& e) { s.resolved(e, now, entropy, step); },
                       [&](const Kept& e) { s.kept(e, now, step); },
                       [&](const Established& e) { s.established(e.session, now, entropy, step); },
                       [&](const EstablishFailed& e) { s.establish_failed(e.failure, now, entropy, step); },
                       [&](const Received& e) { further = s.received(e, now, entropy, step); },
                       [&](const Silence& e) { s.silence(e, now, entropy, step); },
                       [&](const Interrupt& e) { s.interrupt(e, now, entropy, step); }},
      event);
  step.action = further ? *further : s.decide(now, entropy, step);
  if (s.nts && s.around.remembers && s.nts->worth_keeping(now.mono)) step.memory = s.memory(now, false);
  return step;
}

void Association::share(RequestSpacing& spacing) {
  state_->spacing = &spacing;
}

bool Association::advise(PollAdvice advice) {
  const base::MonoTime before = state_->poll.next();
  if (advice.best)
    state_->poll.approach(*advice.best);
  else if (!state_->poll.in_burst())
    state_->poll.advise(advice.change);
  return state_->poll.next() < before;
}

void Association::set_context(const EngineContext& around) {
  state_->around = around;
}

void Association::reconfigure(const config::Source& source) {
  State& s = *state_;
  if (source.min_poll != s.source.min_poll) s.poll.set_minimum(source.min_poll);
  if (source.max_poll != s.source.max_poll) s.poll.set_maximum(source.max_poll);
  s.source = source;
}

void Association::restore(std::uint8_t reach, std::uint8_t stratum) {
  state_->reach = reach;
  state_->stratum = stratum;
}

base::SourceId Association::id() const {
  return state_->id;
}

const config::Source& Association::source() const {
  return state_->source;
}

const base::IpAddress& Association::address() const {
  return state_->ntp_address.is_specified() ? state_->ntp_address : state_->first_address;
}

}  // namespace gnomon::engine
