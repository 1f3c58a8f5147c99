// SPDX-License-Identifier: GPL-2.0-or-later
// The sources: what each is, what it says, and what selection makes of it.
#include <array>
#include <bit>
#include <concepts>

#include "daemon/core/metrics/table.hpp"

namespace gnomon::core::metrics {

namespace {

using control::SourceReport;

constexpr std::string_view source_labels = "source address port repeat";

Labels labels_of(const Source& source) {
  return {{"source", source.report.association.name},
          {"address", source.address},
          {"port", source.port},
          {"repeat", source.repeat}};
}

// Only of the sources that `Fits`.
template <auto Fits, auto Value>
void of_those(const View& view, Samples& samples) {
  for (const auto& source : view.sources)
    if (Fits(source.report)) samples.add(Value(source.report), labels_of(source));
}

template <auto Value>
void of_each_source(const View& view, Samples& samples) {
  of_those<[](const SourceReport&) { return true; }, Value>(view, samples);
}

constexpr auto has_sample = [](const SourceReport& s) { return s.statistics.samples > 0; };
constexpr auto has_answered = [](const SourceReport& s) { return s.association.ntp.any; };
constexpr auto uses_nts = [](const SourceReport& s) {
  return s.association.auth.mode == engine::AuthMode::nts;
};
constexpr auto has_keys = [](const SourceReport& s) {
  return uses_nts(s) && s.association.auth.last_ke.has_value();
};
constexpr auto is_asked = [](const SourceReport& s) { return !s.association.is_refclock(); };

void info(const View& view, Samples& samples) {
  for (const auto& source : view.sources) {
    auto labels = labels_of(source);
    const auto& association = source.report.association;
    labels.push_back({"kind", association.is_refclock()
                                  ? "refclock"
                                  : base::word_of(config::source_kind_words, association.kind)});
    labels.push_back({"authentication", base::word_of(control::mode_words, association.auth.mode)});
    samples.add(1, labels);
  }
}

void state(const View& view, Samples& samples) {
  constexpr auto words = control::words_of(control::state_words);
  for (const auto& source : view.sources)
    samples.add_states(words, base::word_of(control::state_words, source.report.verdict.state),
                       labels_of(source));
}

void responses(const View& view, Samples& samples) {
  for (const auto& source : view.sources) {
    const auto& ntp = source.report.association.ntp;
    if (!is_asked(source.report)) continue;
    auto labels = labels_of(source);
    labels.push_back({"outcome", "good"});
    samples.add(ntp.total_good_rx, labels);
    labels.back().value = "unusable";
    samples.add(ntp.total_valid_rx - ntp.total_good_rx, labels);
    labels.back().value = "invalid";
    samples.add(ntp.total_rx - ntp.total_valid_rx, labels);
  }
}

void activity(const View& view, Samples& samples) {
  const auto& counts = view.activity;
  samples.add(counts.online, {{"activity", "online"}});
  samples.add(counts.offline, {{"activity", "offline"}});
  samples.add(counts.burst_online, {{"activity", "burst_online"}});
  samples.add(counts.burst_offline, {{"activity", "burst_offline"}});
  samples.add(counts.unresolved, {{"activity", "unresolved"}});
}

constexpr std::array source_table{
    Metric{{"gnomon_sources", Type::gauge, "", "How many sources are online, offline or without an address"},
           "activity",
           activity},
    Metric{{"gnomon_source", Type::info, "", "What each source is"},
           "source address port repeat kind authentication",
           info},
    Metric{{"gnomon_source_state", Type::state_set, "", "What selection makes of the source"},
           source_labels,
           state},
    Metric{{"gnomon_source_reach_ratio", Type::gauge, "ratio",
            "How many of the last eight polls it answered; 1: all of them"},
           source_labels,
           of_each_source<[](const SourceReport& s) { return std::popcount(s.association.reach) / 8.0; }>},
    Metric{{"gnomon_source_stratum", Type::gauge, "", "Its stratum"},
           source_labels,
           of_each_source<[](const SourceReport& s) { return s.association.stratum; }>},
    Metric{{"gnomon_source_poll_interval_seconds", Type::gauge, "seconds", "How often it is asked"},
           source_labels,
           of_each_source<[](const SourceReport& s) {
             return base::to_seconds(s.association.poll.interval()).count();
           }>},
    Metric{{"gnomon_source_sample_age_seconds", Type::gauge, "seconds",
            "Time since its last good answer; missing before the first one"},
           source_labels,
           of_those<[](const SourceReport& s) { return s.association.last_rx.has_value(); },
                    [](const SourceReport& s) {
                      return base::to_seconds(s.association.last_rx.value_or(base::Duration{})).count();
                    }>},
    Metric{
        {"gnomon_source_offset_seconds", Type::gauge, "seconds",
         "Our clock against it by its last sample, corrections made since included; positive: our clock is "
         "ahead"},
        source_labels,
        of_those<has_sample, [](const SourceReport& s) { return s.statistics.adjusted_offset.count(); }>},
    Metric{{"gnomon_source_error_seconds", Type::gauge, "seconds",
            "Bound on the error of that offset (root distance)"},
           source_labels,
           of_those<has_sample, [](const SourceReport& s) { return s.statistics.error.count(); }>},
    Metric{
        {"gnomon_source_estimated_offset_seconds", Type::gauge, "seconds", "The same by all of its samples"},
        source_labels,
        of_those<has_sample, [](const SourceReport& s) { return s.statistics.estimated_offset.count(); }>},
    Metric{
        {"gnomon_source_jitter_seconds", Type::gauge, "seconds", "Standard deviation of its samples"},
        source_labels,
        of_those<has_sample, [](const SourceReport& s) { return s.statistics.standard_deviation.count(); }>},
    Metric{
        {"gnomon_source_residual_frequency_ratio", Type::gauge, "ratio",
         "How fast our clock runs against it, corrections included"},
        source_labels,
        of_those<has_sample, [](const SourceReport& s) { return s.statistics.residual_frequency.ratio(); }>},
    Metric{{"gnomon_source_skew_ratio", Type::gauge, "ratio", "Uncertainty of that frequency"},
           source_labels,
           of_those<has_sample, [](const SourceReport& s) { return s.statistics.skew.ratio(); }>},
    Metric{{"gnomon_source_samples", Type::gauge, "", "How many of its samples are in use"},
           source_labels,
           of_each_source<[](const SourceReport& s) { return s.statistics.samples; }>},
    Metric{{"gnomon_source_delay_seconds", Type::gauge, "seconds", "Round trip of its last valid answer"},
           source_labels,
           of_those<has_answered, [](const SourceReport& s) { return s.association.ntp.delay.count(); }>},
    Metric{
        {"gnomon_source_root_delay_seconds", Type::gauge, "seconds",
         "Its own round trip to the primary clock, as it says"},
        source_labels,
        of_those<has_answered, [](const SourceReport& s) { return s.association.ntp.root_delay.count(); }>},
    Metric{
        {"gnomon_source_root_dispersion_seconds", Type::gauge, "seconds", "Its own uncertainty, as it says"},
        source_labels,
        of_those<has_answered,
                 [](const SourceReport& s) { return s.association.ntp.root_dispersion.count(); }>},
    Metric{
        {"gnomon_source_interleaved", Type::gauge, "", "1 if its last valid answer was interleaved"},
        source_labels,
        of_those<has_answered, [](const SourceReport& s) { return s.association.ntp.interleaved ? 1 : 0; }>},
    Metric{{"gnomon_source_requests", Type::counter, "", "Requests sent to it"},
           source_labels,
           of_those<is_asked, [](const SourceReport& s) { return s.association.ntp.total_tx; }>},
    Metric{
        {"gnomon_source_responses", Type::counter, "",
         "Packets from it: good ones became samples, unusable ones were valid, invalid ones failed a check"},
        "source address port repeat outcome",
        responses},
    Metric{{"gnomon_source_nts_cookies", Type::gauge, "", "Cookies left for it; 0: it needs a key exchange"},
           source_labels,
           of_those<uses_nts, [](const SourceReport& s) { return s.association.auth.cookies; }>},
    Metric{{"gnomon_source_nts_key_age_seconds", Type::gauge, "seconds",
            "Time since the last successful key exchange; missing before the first one"},
           source_labels,
           of_those<has_keys,
                    [](const SourceReport& s) {
                      return base::to_seconds(s.association.auth.last_ke.value_or(base::Duration{})).count();
                    }>},
    Metric{{"gnomon_source_nts_key_exchanges", Type::counter, "", "Successful key exchanges with it"},
           source_labels,
           of_those<uses_nts, [](const SourceReport& s) { return s.association.auth.key_id; }>},
    Metric{{"gnomon_source_nts_attempts", Type::gauge, "",
            "Key exchanges tried since the last successful one; more than 0: it cannot get keys"},
           source_labels,
           of_those<uses_nts, [](const SourceReport& s) { return s.association.auth.ke_attempts; }>},
    Metric{{"gnomon_source_nts_naks", Type::gauge, "",
            "NTS NAKs since the last successful key exchange: it does not know the cookies"},
           source_labels,
           of_those<uses_nts, [](const SourceReport& s) { return s.association.auth.naks; }>},
    Metric{{"gnomon_source_nts_provisional", Type::gauge, "",
            "1 while the dates of its certificate cannot be checked, as our clock is not confirmed yet"},
           source_labels,
           of_those<uses_nts, [](const SourceReport& s) { return s.association.auth.provisional ? 1 : 0; }>},
};

}  // namespace

std::span<const Metric> source_metrics() {
  return source_table;
}

}  // namespace gnomon::core::metrics
