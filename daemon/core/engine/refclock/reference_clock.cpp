// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/refclock/reference_clock.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "daemon/core/engine/values/reference_id.hpp"

namespace gnomon::engine {

namespace {

// Beyond that share of a period the clock that numbers a pulse does not tell whose it is.
constexpr double numbers_within = 0.4;
// Of the standard deviation: what a sample may well be wrong by.
constexpr double usual_error = 2;

base::Seconds fraction_of(base::Duration offset) {
  return base::to_seconds(offset % std::chrono::seconds{1});
}

double seconds_between(LocalTime a, LocalTime b) {
  return base::to_seconds(a - b).count();
}

// Fewer than that never come within one poll interval.
std::size_t readings_kept(const config::RefClock& settings, bool polled) {
  const auto wanted = static_cast<std::size_t>(std::max(settings.filter, 1));
  const int ratio = std::clamp(settings.poll - settings.driver_poll, 0, 16);
  return polled ? std::min(wanted, std::size_t{1} << static_cast<unsigned>(ratio)) : wanted;
}

bool is_polled(const config::RefClock& settings) {
  return settings.driver != "SOCK";
}

}  // namespace

ReferenceClock::ReferenceClock(base::SourceId id, base::ReferenceId reference_id, config::RefClock settings)
    : id_(id),
      reference_id_(reference_id),
      settings_(std::move(settings)),
      filter_(readings_kept(settings_, is_polled(settings_))),
      stratum_(settings_.stratum.value) {
  settings_.pps_rate = std::max(settings_.pps_rate, 1);
}

// --- readings

ReferenceClock::OrTrouble ReferenceClock::refuse(RefclockTrouble why) {
  trouble_ = why;
  return std::nullopt;
}

// Older than the last two poll intervals it says nothing of this one.
bool ReferenceClock::is_of_now(const RefclockReading& reading, const base::Now& now) const {
  if (reading.time == last_time_) return false;
  const base::Duration age = now.real - reading.time;
  return age >= base::Duration{0} &&
         age <= base::to_duration(base::Seconds{std::ldexp(1.0, settings_.poll + 1)});
}

base::Seconds ReferenceClock::precision(const RefclockContext& context) const {
  return settings_.precision > base::Seconds{0} ? settings_.precision : context.clock_precision;
}

ReferenceClock::OrTrouble ReferenceClock::place_time(const RefclockReading& reading,
                                                     const RefclockContext& context) {
  if (reading.leap == base::LeapIndicator::unsynchronised) return refuse(RefclockTrouble::not_synchronised);
  base::Duration offset = reading.offset;
  if (settings_.tai) {
    if (!context.tai_offset) return refuse(RefclockTrouble::no_tai_offset);
    // TAI taken for UTC is wrong by less than a minute; around a leap second the two disagree.
    const auto tai = reading.time + reading.offset;
    const auto rough = context.tai_offset(tai);
    if (!rough) return refuse(RefclockTrouble::no_tai_offset);
    const auto utc = tai - std::chrono::seconds{*rough};
    const auto before = context.tai_offset(utc - std::chrono::seconds{1});
    const auto after = context.tai_offset(utc + std::chrono::seconds{1});
    if (!before || before != after) return refuse(RefclockTrouble::no_tai_offset);
    offset -= std::chrono::seconds{*before};
  }
  const LocalTime at = context.scale.local(reading.time);
  return Placed{at, context.scale.ahead(at) + offset + base::to_duration(settings_.offset), reading.leap};
}

bool ReferenceClock::is_right_edge(double off, double uncertain) const {
  const double width = settings_.width.count();
  if (width <= 0) return true;
  const double most = std::min(width, period() - width) / 2;
  return std::fabs(off) <= most - uncertain;
}

ReferenceClock::OrTrouble ReferenceClock::place_pulse(const RefclockReading& reading,
                                                      const ReferenceClock* lock,
                                                      const RefclockContext& context) {
  const LocalTime at = context.scale.local(reading.time);
  const double offset = (fraction_of(reading.offset) + settings_.offset).count();
  double expected = 0;  // true time minus system clock, s, as who numbers the pulse has it
  double uncertain = 0;
  auto leap = base::LeapIndicator::none;
  if (lock != nullptr) {
    const auto& told = lock->filter_.last();
    if (!told) return refuse(RefclockTrouble::no_whole_seconds);
    const double since = seconds_between(at, told->at);
    if (std::fabs(since) >= settings_.max_lock_age * period())
      return refuse(RefclockTrouble::no_whole_seconds);
    expected = base::to_seconds(told->theta - context.scale.ahead(at)).count() + context.frequency * since;
    uncertain = (told->dispersion + lock->filter_.usual_spread()).count();
    leap = lock->leap_;
  } else {
    const auto& tracking = context.tracking;
    uncertain = (std::fabs(tracking.root_delay.count()) / 2) + tracking.root_dispersion.count();
    if (tracking.leap == base::LeapIndicator::unsynchronised || uncertain >= period() / 2) {
      filter_.clear();
      return refuse(RefclockTrouble::clock_not_known);
    }
    expected = tracking.system_time.count();
  }
  const double numbered = offset + std::round((expected - offset) / period()) * period();
  const double off = expected - numbered;
  if (lock != nullptr && std::fabs(off) + uncertain > numbers_within * period())
    return refuse(RefclockTrouble::ambiguous_pulse);
  if (!is_right_edge(off, lock != nullptr ? 0 : uncertain)) return refuse(RefclockTrouble::wrong_edge);
  return Placed{at, context.scale.ahead(at) + base::to_duration(base::Seconds{numbered}), leap};
}

void ReferenceClock::note_unused(const RefclockReading& reading) {
  unused_ = true;
  last_time_ = reading.time;
}

void ReferenceClock::pass_over(const RefclockReading& reading, const base::Now& now) {
  if (is_of_now(reading, now)) note_unused(reading);
}

std::optional<RefclockRecord> ReferenceClock::take(const RefclockReading& reading, const ReferenceClock* lock,
                                                   const RefclockContext& context) {
  if (!is_of_now(reading, context.now)) {
    trouble_ = RefclockTrouble::wrong_time;
    return std::nullopt;
  }
  if (!quality_.accept(reading.dispersion)) {
    note_unused(reading);
    return std::nullopt;
  }
  const bool pulse = reading.pulse || settings_.pps;
  const auto placed = pulse ? place_pulse(reading, lock, context) : place_time(reading, context);
  if (!placed) return std::nullopt;
  last_time_ = reading.time;
  trouble_ = RefclockTrouble::none;
  leap_ = settings_.local ? base::LeapIndicator::unsynchronised : placed->leap;
  pulses_ = pulse;
  const base::Seconds dispersion = reading.dispersion + precision(context);
  filter_.add({.at = placed->at, .theta = placed->theta, .dispersion = dispersion});
  const base::Seconds offset = base::to_seconds(placed->theta - context.scale.ahead(placed->at));
  return RefclockRecord{.time = reading.time,
                        .reference_id = reference_id_,
                        .polls = polls_,
                        .leap = leap_,
                        .pulse = pulse,
                        .raw_offset = pulse ? offset - settings_.offset : base::to_seconds(reading.offset),
                        .offset = offset - context.tracking.system_time,
                        .dispersion = dispersion};
}

// --- samples

bool ReferenceClock::polled() {
  const int ratio = is_polled(settings_) ? std::clamp(settings_.poll - settings_.driver_poll, 0, 30) : 0;
  if (++polls_ < 1 << ratio) return false;
  polls_ = 0;
  return true;
}

// By how much a sample is noisier than others for the readings that it lacks, as when pulses are missing.
double ReferenceClock::thinness(const FilteredReading& filtered) {
  constexpr double newest = 0.25;  // share of the last interval in the average
  const auto count = static_cast<double>(filtered.count);
  const double usual = std::max(usual_count_, count);
  usual_count_ += (count - usual_count_) * (usual_count_ > 0 ? newest : 1.0);
  return std::sqrt(usual / count);
}

Sample ReferenceClock::sample_of(const FilteredReading& filtered, double thinness,
                                 const RefclockContext& context) const {
  Sample sample;
  sample.time = context.scale.system(filtered.at);
  sample.mono = context.now.mono - (context.scale.local(context.now.real) - filtered.at);
  sample.offset = base::to_seconds(filtered.theta - context.scale.ahead(filtered.at));
  sample.delay = settings_.delay;
  // What the readings may all be wrong by alike bounds the error, but makes no noise.
  sample.root_dispersion = filtered.dispersion;
  constexpr base::Seconds finest{1e-9};
  const auto noise = noise_.deviation();
  sample.dispersion = noise ? std::max(usual_error * thinness * *noise, finest)
                            : std::max(usual_error * filtered.spread, precision(context));
  sample.stratum = {stratum_};
  sample.reference_id = reference_id_;
  sample.leap = leap_;
  return sample;
}

RefclockPoll ReferenceClock::poll_over(const RefclockContext& context, bool pulses_lead) {
  auto filtered = filter_.take(context.frequency);
  if (filtered && settings_.max_dispersion > base::Seconds{0} &&
      std::max(filtered->dispersion, filtered->spread) > settings_.max_dispersion) {
    trouble_ = RefclockTrouble::too_noisy;
    filtered.reset();
  }
  const bool unused = std::exchange(unused_, false);
  const bool there = filtered || unused;
  reach_ = static_cast<std::uint8_t>((static_cast<unsigned>(reach_) << 1U) | (there ? 1U : 0U));
  missed_ = there ? 0 : missed_ + 1;
  if (!filtered) {
    if (!unused && trouble_ == RefclockTrouble::none) trouble_ = RefclockTrouble::silent;
    return {};
  }
  noise_.add(*filtered);
  std::optional<base::Ppm> correction;
  if (settings_.local) correction = follower_.add(*filtered);
  const bool local_lead = numbers_by_clock() && pulses_lead;
  stratum_ = local_lead ? static_cast<std::uint8_t>(std::max<int>(context.tracking.stratum - 1, 0))
                        : settings_.stratum.value;
  ++samples_;
  RefclockPoll poll{
      .sample = sample_of(*filtered, thinness(*filtered), context), .record = {}, .correction = correction};
  last_sample_ = poll.sample->mono;
  poll.record = RefclockRecord{.time = poll.sample->time,
                               .reference_id = reference_id_,
                               .filtered = true,
                               .leap = leap_,
                               .offset = poll.sample->offset - context.tracking.system_time,
                               .dispersion = std::max(poll.sample->dispersion, filtered->dispersion)};
  return poll;
}

void ReferenceClock::restore(std::uint8_t reach, std::uint8_t stratum) {
  reach_ = reach;
  stratum_ = stratum;
}

void ReferenceClock::drop_readings() {
  filter_.clear();
  noise_.clear();
  follower_.begin_again();
}

// --- what others are told

AssociationReport ReferenceClock::report(const base::Now& now) const {
  AssociationReport report{
      .id = id_, .name = text_of(reference_id_), .poll = {static_cast<std::int8_t>(settings_.poll)}};
  report.clock_id = reference_id_;
  report.stratum = stratum_;
  report.reach = reach_;
  if (last_sample_) report.last_rx = now.mono - *last_sample_;
  report.unreachable_too_long = missed_ > settings_.max_unreach;
  report.ntp.leap = leap_;
  report.ntp.total_good_rx = samples_;
  report.trouble = trouble_;
  report.select_options = {settings_.no_select, settings_.prefer, settings_.trust, settings_.require};
  return report;
}

config::Source source_of(const config::RefClock& clock, base::ReferenceId reference_id) {
  config::Source source;
  source.name = text_of(reference_id);
  source.min_poll = source.max_poll = {static_cast<std::int8_t>(clock.poll)};
  source.asymmetry = 0;
  source.min_samples = clock.min_samples;
  source.max_samples = clock.max_samples;
  source.max_unreach = clock.max_unreach;
  source.prefer = clock.prefer;
  source.no_select = clock.no_select;
  source.trust = clock.trust;
  source.require = clock.require;
  return source;
}

base::ReferenceId reference_id_of(const config::RefClock& clock, std::size_t index) {
  return reference_id_of_text(config::reference_name(clock, index));
}

}  // namespace gnomon::engine
