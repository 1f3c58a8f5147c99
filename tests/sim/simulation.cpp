// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/simulation.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/ntp_time.hpp"
#include "daemon/core/engine/values/drift_file.hpp"
#include "protocol/ntp/interleaved.hpp"
#include "protocol/ntp/packet.hpp"

namespace gnomon::simulation {

namespace {

constexpr base::Duration epoch{1'800'000'000'000'000'000};  // true time at t = 0

base::Duration duration_of(double seconds) {
  return base::to_duration(base::Seconds{seconds});
}

base::RealTime start_of(const LeapSecond& leap) {
  return leap.seconds == 0 ? base::RealTime{epoch} : leap.instant() - duration_of(leap.at);
}

base::LeapIndicator indicator_of(int seconds) {
  if (seconds == 0) return base::LeapIndicator::none;
  return seconds > 0 ? base::LeapIndicator::insert : base::LeapIndicator::remove;
}

base::Buffer answer_to(const protocol::Header& asked, base::NtpTimestamp received, base::NtpTimestamp sent,
                       std::optional<base::NtpTimestamp> previous_transmit, base::LeapIndicator leap,
                       int precision) {
  protocol::Header h = asked;
  h.mode = protocol::Mode::server;
  h.leap = leap;
  h.stratum = 1;
  h.precision = static_cast<std::int8_t>(precision);
  h.root_dispersion = base::short_duration(base::Seconds{1e-5});
  h.reference_id = base::reference_id("GPS ");
  h.reference = {received.value - (std::uint64_t{3} << 32U)};
  h.origin = h.transmit;
  h.receive = received;
  h.transmit = sent;
  if (previous_transmit) protocol::interleave(h, asked, *previous_transmit);
  std::array<std::uint8_t, 48> octets{};
  base::ByteWriter writer(octets);
  protocol::write_header(h, writer);
  return {octets.begin(), octets.end()};
}

}  // namespace

base::RealTime LeapSecond::instant() const {
  return seconds < 0 ? midnight - std::chrono::seconds{1} : midnight;
}

Clock::Clock(const Oscillator& o, const LeapSecond& leap, std::uint64_t seed)
    : leap_(leap), start_(start_of(leap)), random_(seed), drift_(o), error_(o.offset) {}

void Clock::make_leap() {
  if (!leap_.kernel_makes_it || armed_ == base::LeapIndicator::none ||
      armed_ != indicator_of(leap_.seconds) || system() < leap_.instant())
    return;
  error_ -= leap_.seconds;
  armed_ = base::LeapIndicator::none;
}

void Clock::advance(double t) {
  std::normal_distribution<double> normal;
  while (t_ < t) {
    const double until = std::min(t, next_wander_);
    error_ += (until - t_) * rate_error();
    t_ = until;
    make_leap();
    if (t_ < next_wander_) continue;
    drift_.wander(normal(random_));
    next_wander_ += 1;
  }
}

base::RealTime Clock::system() const {
  return start_ + duration_of(t_) + duration_of(error_);
}

engine::ClockChanged Clock::set(const engine::SetRate& command) {
  adjustment_ = command.frequency.ratio();
  slew_ = command.duration.count() > 0 ? command.slew.ratio() : 0;
  slew_end_.reset();
  if (command.duration.count() > 0) slew_end_ = t_ + base::to_seconds(command.duration).count();
  return {system(), rate(), {}};
}

engine::ClockChanged Clock::step(base::Duration offset) {
  error_ += base::to_seconds(offset).count();
  return {system(), rate(), offset};
}

engine::ClockChanged Clock::end_slew() {
  slew_ = 0;
  slew_end_.reset();
  return {system(), rate(), {}};
}

void Clock::sleep(double seconds, double gained) {
  t_ += seconds;
  next_wander_ += seconds;
  if (slew_end_) *slew_end_ += seconds;
  error_ += gained;
}

World::World(const Oscillator& oscillator, const std::vector<Server>& servers,
             engine::TimekeeperSettings settings, std::uint64_t seed, const LeapSecond& leap)
    : random_(seed),
      leap_(leap),
      start_(start_of(leap)),
      clock_(oscillator, leap, seed + 1000),
      timekeeper_(std::move(settings)) {
  if (leap.seconds != 0) next_tick_ = 0;
  spacing_.set_sources(servers.size());
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const base::SourceId id{static_cast<std::uint32_t>(i + 1)};
    config::Source source = servers[i].options;
    source.name = "192.0.2." + std::to_string(i + 1);
    const auto address = base::parse_address(source.name).value_or(base::IpAddress{});
    peers_.push_back({servers[i], engine::Association(id, source, address, {}), Path(servers[i]),
                      Stamper(servers[i], seed + 3000 + i), ExchangeStamps(servers[i].late_stamps)});
    peers_.back().association.share(spacing_);
    timekeeper_.add({id, source, address, false});
    generations_.push_back(0);
    datagrams_.emplace_back();
    schedule(0.01 * static_cast<double>(i), i, engine::Started{});
  }
}

double World::leapt(double t) const {
  return t >= leap_.at ? leap_.seconds : 0;
}

base::RealTime World::utc_at(double t) const {
  return start_ + duration_of(t - leapt(t));
}

void World::tick(double t) {
  advance_clock(t);
  hand_in(engine::input::Tick{now()});
  next_tick_.reset();
  expect_tick();
}

void World::expect_tick() {
  constexpr base::Duration usual = std::chrono::seconds{60};  // nothing hangs on those
  const base::Duration after = timekeeper_.tick_after(now());
  if (leap_.seconds == 0 && after > usual) return;
  const double due = t_ + base::to_seconds(after).count();
  next_tick_ = std::min(next_tick_.value_or(due), due);
}

base::Now World::now() const {
  return {clock_.system(), mono_at(t_)};
}

base::MonoTime World::mono_at(double t) const {
  return base::MonoTime{duration_of(t - slept_ + 1000)};
}

double World::time_of(base::MonoTime mono) const {
  return base::to_seconds(mono.time_since_epoch() - duration_of(1000)).count() + slept_;
}

void World::change_server(std::size_t server, const ServerModel& model) {
  static_cast<ServerModel&>(peers_[server].server) = model;
  peers_[server].path = Path(model);
  peers_[server].stamper = Stamper(model, server + 1);
}

void World::jump(double seconds) {
  constexpr double least_noticed = 0.1;
  clock_.jump(seconds);
  if (std::fabs(seconds) < least_noticed) return;
  hand_in(engine::input::ClockJump{duration_of(seconds), {}, now()});
  tell_all(engine::InterruptKind::clock_stepped);
  tell_all(engine::InterruptKind::burst);
}

void World::sleep(double seconds, double gained) {
  t_ += seconds;
  slept_ += seconds;
  clock_.sleep(seconds, gained);
  for (const auto& happening : queue_) happening->at += seconds;
  const auto asleep = duration_of(seconds + gained);  // to the kernel
  hand_in(engine::input::ClockJump{asleep, asleep, now()});
  tell_all(engine::InterruptKind::clock_stepped);
  tell_all(engine::InterruptKind::burst);
}

void World::tell_all(engine::InterruptKind kind) {
  for (std::size_t i = 0; i < peers_.size(); ++i) feed(i, engine::Interrupt{kind});
}

void World::restart(double pause, engine::TimekeeperSettings settings, bool restore) {
  clock_.end_slew();
  std::vector<std::optional<engine::Dump>> dumps;
  for (const auto& peer : peers_) {
    auto dump = timekeeper_.history(peer.association.id(), now());
    dumps.push_back(dump ? std::optional{engine::parse_dump(engine::to_text(*dump)).value()} : std::nullopt);
  }
  settings.drift = engine::parse_drift(engine::to_text(timekeeper_.drift())).value().drift;
  settings.initial_rate = clock_.rate();
  t_ += pause;
  clock_.advance(t_);
  timekeeper_ = engine::Timekeeper(std::move(settings));
  queue_.clear();
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    const auto id = peers_[i].association.id();
    const config::Source source = peers_[i].association.source();
    const auto address = peers_[i].association.address();
    peers_[i].association = engine::Association(id, source, address, {});
    peers_[i].association.share(spacing_);
    timekeeper_.add({id, source, address, false});
    schedule(t_ + 0.01 * static_cast<double>(i), i, engine::Started{});
    if (!restore || !dumps[i]) continue;
    peers_[i].association.restore(dumps[i]->reach, dumps[i]->stratum);
    apply(timekeeper_.restore(id, *dumps[i], now()));
  }
  hand_in(engine::input::Tick{now()});
}

void World::schedule(double at, std::size_t peer, engine::Event event, const Trace::Exchange& exchange) {
  queue_.push_back(std::make_shared<Happening>(
      Happening{at, ++order_, peer, std::move(event), generations_[peer], exchange}));
  std::push_heap(queue_.begin(), queue_.end(), [](const auto& a, const auto& b) {
    return std::tie(a->at, a->order) > std::tie(b->at, b->order);
  });
}

bool World::passes(const Path& path) {
  return path.open(t_) && !path.loses(random_) && !path.loses(random_);
}

void World::advance_clock(double t) {
  while (clock_.slew_end().value_or(t + 1) <= t) {
    t_ = clock_.slew_end().value_or(t);
    clock_.advance(t_);
    const auto changed = clock_.end_slew();
    if (trace_ != nullptr) trace_->turns.push_back({t_ - slept_, clock_.rate(), clock_.rate(), 0, 0});
    hand_in(engine::input::ClockChange{changed, now()});
  }
  t_ = t;
  clock_.advance(t);
}

// Before it is carried out.
void World::record(const engine::ClockCommand& command) {
  if (const auto* rate = std::get_if<engine::SetRate>(&command)) {
    const double base = rate->frequency.ratio();
    const double slew = rate->duration.count() > 0 ? rate->slew.ratio() : 0;
    trace_->turns.push_back(
        {t_ - slept_, base + slew, base, slew * base::to_seconds(rate->duration).count(), 0});
  } else if (const auto* step = std::get_if<engine::StepClock>(&command)) {
    trace_->turns.push_back(
        {t_ - slept_, clock_.rate(), clock_.rate(), 0, base::to_seconds(step->offset).count()});
  }
}

void World::hand_in(const engine::Input& input) {
  const auto outcome = engine::hand_in(timekeeper_, input);
  if (on_input_) on_input_(input, outcome);
  apply(outcome.decisions);
}

void World::apply(const engine::Decisions& decisions) {
  if (decisions.measured_offset) measured_offset_ = decisions.measured_offset;
  notes_.insert(notes_.end(), decisions.notes.begin(), decisions.notes.end());
  commands_.insert(commands_.end(), decisions.commands.begin(), decisions.commands.end());
  for (const auto& command : decisions.commands) {
    if (trace_ != nullptr) record(command);
    if (const auto* rate = std::get_if<engine::SetRate>(&command)) {
      hand_in(engine::input::ClockChange{clock_.set(*rate), now()});
    } else if (const auto* step = std::get_if<engine::StepClock>(&command)) {
      hand_in(engine::input::ClockChange{clock_.step(step->offset), now()});
      stepped_ = true;
    } else if (const auto* status = std::get_if<engine::ReportStatus>(&command)) {
      clock_.arm(status->leap);
    }
  }
}

base::Buffer World::answer(Peer& peer, base::Bytes request, base::RealTime received,
                           base::LeapIndicator leap) {
  const protocol::Header asked = *protocol::parse_header(request);
  const base::RealTime sent = received + duration_of(peer.server.processing);
  TxTimestamp& last = peer.last;
  std::optional<base::NtpTimestamp> before;
  if (protocol::may_interleave(asked) && asked.origin == last.receive) before = last.transmit;
  last = {{peer.stamper.received(base::to_ntp(received).value)},
          {peer.stamper.sent(base::to_ntp(sent).value)}};
  if (before) ++interleaved_;
  return answer_to(asked, last.receive, last.transmit, before, leap, peer.server.precision);
}

void World::exchange(std::size_t peer, const engine::Exchange& exchange) {
  const Server& server = peers_[peer].server;
  ++packets_;
  Path& path = peers_[peer].path;
  const double out = path.one_way(t_, false, random_);
  const double back = path.one_way(t_, true, random_);
  const double total = out + server.processing + back;
  const double give_up = time_of(exchange.give_up);
  if (!passes(path) || t_ + total > give_up) {
    schedule(give_up, peer, engine::Silence{});
    return;
  }
  const double arrived = t_ + out;
  const base::RealTime received =
      (server.makes_leap ? utc_at(arrived) : start_ + duration_of(arrived)) + duration_of(server.offset);
  const auto leap =
      server.announces_leap && arrived < leap_.at ? indicator_of(leap_.seconds) : base::LeapIndicator::none;
  datagrams_[peer] = answer(peers_[peer], exchange.request, received, leap);
  engine::Received event;
  event.from = exchange.to;
  const auto late = peers_[peer].stamps.next(t_, out + back);
  event.sent = {clock_.system() + duration_of(late.transmit), engine::StampSource::kernel};
  const double answered = t_ + total + late.receive;
  schedule(answered, peer, event, {peer, t_, answered, out, back});
}

void World::carry_out(std::size_t peer, const engine::Action& action) {
  if (const auto* wait = std::get_if<engine::Wait>(&action))
    schedule(time_of(wait->until), peer, engine::Woken{});
  else if (const auto* asked = std::get_if<engine::Exchange>(&action))
    exchange(peer, *asked);
}

void World::feed(std::size_t peer, const engine::Event& event) {
  engine::StepEntropy entropy{};
  for (auto& octet : entropy) octet = static_cast<std::uint8_t>(random_());
  engine::Association& association = peers_[peer].association;
  const engine::Step step = association.resume(event, now(), entropy);
  ++generations_[peer];
  notes_.insert(notes_.end(), step.notes.begin(), step.notes.end());
  const auto id = association.id();
  carry_out(peer, step.action);
  const engine::AssociationReport report = association.report(now());
  hand_in(engine::input::Update{id, engine::status_of(report), step.sample, now()});
  expect_tick();
  if (!step.sample) return;
  const auto advice = timekeeper_.poll_advice(id);
  if (advice && association.advise(*advice)) feed(peer, engine::Interrupt{engine::InterruptKind::advised});
}

Result World::run(double until, double settle) {
  Figures figures(settle);
  const auto later = [](const auto& a, const auto& b) {
    return std::tie(a->at, a->order) > std::tie(b->at, b->order);
  };
  double next_figure = std::floor(t_) + 1;
  if (trace_ != nullptr && trace_->frequencies.empty())
    trace_->frequencies.push_back(clock_.free_rate_error());
  while (next_figure <= until) {
    const double at = queue_.empty() ? until + 1 : queue_.front()->at;
    if (next_tick_ && *next_tick_ < std::min(next_figure, at)) {
      tick(std::max(t_, *next_tick_));
      continue;
    }
    if (next_figure < at) {
      advance_clock(next_figure);
      figures.add(error(), clock_.rate_error());
      if (trace_ != nullptr) trace_->frequencies.push_back(clock_.free_rate_error());
      next_figure += 1;
      continue;
    }
    std::pop_heap(queue_.begin(), queue_.end(), later);
    const auto happening = queue_.back();
    queue_.pop_back();
    if (happening->generation != generations_[happening->peer]) continue;
    advance_clock(std::max(t_, happening->at));
    if (auto* received = std::get_if<engine::Received>(&happening->event)) {
      if (trace_ != nullptr) trace_->exchanges.push_back(happening->exchange);
      received->datagram = datagrams_[happening->peer];
      received->received = {clock_.system(), engine::StampSource::kernel};
    }
    feed(happening->peer, happening->event);
    if (!std::exchange(stepped_, false)) continue;
    tell_all(engine::InterruptKind::clock_stepped);
  }
  Result result = std::move(figures).result(packets_);
  result.interleaved = interleaved_;
  return result;
}

}  // namespace gnomon::simulation
