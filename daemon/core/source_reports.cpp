// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/source_reports.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "daemon/core/journal.hpp"

namespace gnomon::core {

namespace {

engine::Verdict verdict_of(std::span<const engine::Verdict> verdicts, base::SourceId id) {
  const auto found = std::ranges::find(verdicts, id, &engine::Verdict::source);
  return found == verdicts.end() ? engine::Verdict{.source = id} : *found;
}

}  // namespace

std::vector<control::SourceReport> source_reports(AssociationReports associations,
                                                  const engine::Timekeeper& keeper, const base::Now& now) {
  std::vector<control::SourceReport> reports;
  const bool frozen = keeper.tracking(now).steering_frozen;
  for (auto& association : associations) {
    const auto verdict = verdict_of(keeper.verdicts(), association.id);
    auto words = put_in_words(verdict, association, keeper.selection_outcome());
    if (frozen && verdict.steers()) words.explanation += " But: " + engine::frozen_sentence() + '.';
    const auto statistics = association.activity == engine::Activity::unresolved
                                ? engine::SourceStatistics{}
                                : keeper.statistics(association.id, now);
    reports.push_back({.association = std::move(association),
                       .verdict = verdict,
                       .statistics = statistics,
                       .reason = std::move(words.reason),
                       .explanation = std::move(words.explanation)});
  }
  return reports;
}

control::ExplainReport explain_report(AssociationReports associations, const engine::Timekeeper& keeper,
                                      const engine::TrackingReport& tracking,
                                      const engine::ClockControl& clock) {
  const auto& outcome = keeper.selection_outcome();
  control::ExplainReport report{.situation = {}, .error_bound = engine::error_bound(tracking), .sources = {}};
  for (auto& association : associations) {
    const auto verdict = verdict_of(keeper.verdicts(), association.id);
    auto words = engine::explain_source(verdict, association, outcome);
    report.sources.push_back({std::move(association), verdict, std::move(words)});
  }
  if (const auto requirement = engine::requirement_of(report.sources);
      requirement != engine::Requirement::unknown)
    for (auto& each : report.sources)
      each.explanation = engine::explain_source(each.verdict, each.report, outcome, requirement);
  report.situation = engine::situation_of(tracking, outcome, report.sources, clock);
  return report;
}

}  // namespace gnomon::core
