// SPDX-License-Identifier: GPL-2.0-or-later
// How many members each aggregate has that is part of the timekeeper's state or of an input: whoever adds one
// comes by here, as nothing else compiles, and adds it at the end: anywhere else, records of before are read
// wrong. Stateless.
#pragma once

#include "daemon/core/engine/replay/input.hpp"
#include "daemon/core/engine/replay/parts.hpp"

namespace gnomon::engine::replay {

template <>
inline constexpr int member_count<base::Now> = 2;
template <>
inline constexpr int member_count<base::Ppm> = 1;
template <>
inline constexpr int member_count<base::PollExponent> = 1;
template <>
inline constexpr int member_count<base::Stratum> = 1;
template <>
inline constexpr int member_count<base::ReferenceId> = 1;
template <>
inline constexpr int member_count<base::SourceId> = 1;
template <>
inline constexpr int member_count<base::Log2Seconds> = 1;
template <>
inline constexpr int member_count<config::Source> = 39;
template <>
inline constexpr int member_count<config::MakeStep> = 2;
template <>
inline constexpr int member_count<config::MaxChange> = 4;
template <>
inline constexpr int member_count<config::Local> = 6;
template <>
inline constexpr int member_count<config::FallbackSpans> = 2;
template <>
inline constexpr int member_count<config::SmoothTime> = 3;
template <>
inline constexpr int member_count<config::InitStepSlew> = 2;
template <>
inline constexpr int member_count<config::ClockSettings> = 16;
template <>
inline constexpr int member_count<config::SelectionSettings> = 12;
template <>
inline constexpr int member_count<SourceTraits> = 6;
template <>
inline constexpr int member_count<SourceStatus> = 5;
template <>
inline constexpr int member_count<Sample> = 14;
template <>
inline constexpr int member_count<engine::Span> = 4;
template <>
inline constexpr int member_count<ClockChanged> = 3;
template <>
inline constexpr int member_count<DriftFile> = 2;
template <>
inline constexpr int member_count<Dump> = 6;
template <>
inline constexpr int member_count<DumpedSample> = 7;
template <>
inline constexpr int member_count<PollAdvice> = 1;
template <>
inline constexpr int member_count<Verdict> = 5;
template <>
inline constexpr int member_count<Evidence> = 7;
template <>
inline constexpr int member_count<SelectOptions> = 4;
template <>
inline constexpr int member_count<SelectionOutcome> = 4;
template <>
inline constexpr int member_count<Disagreement> = 3;
template <>
inline constexpr int member_count<Consensus> = 4;
template <>
inline constexpr int member_count<SmoothingCurve> = 3;
template <>
inline constexpr int member_count<SmoothingCurve::Stage> = 2;
template <>
inline constexpr int member_count<CorrectNow> = 0;
template <>
inline constexpr int member_count<AllowSteps> = 1;
template <>
inline constexpr int member_count<LimitUpdateSkew> = 1;
template <>
inline constexpr int member_count<SelectAnew> = 0;
template <>
inline constexpr int member_count<SetReselectDistance> = 1;
template <>
inline constexpr int member_count<ServeLocal> = 1;
template <>
inline constexpr int member_count<AddFrequency> = 1;
template <>
inline constexpr int member_count<AddOffset> = 1;
template <>
inline constexpr int member_count<AcceptManual> = 1;
template <>
inline constexpr int member_count<ForgetManual> = 0;
template <>
inline constexpr int member_count<DeleteManual> = 1;
template <>
inline constexpr int member_count<LocalTime> = 1;
template <>
inline constexpr int member_count<Observation> = 5;
template <>
inline constexpr int member_count<Apart> = 3;
template <>
inline constexpr int member_count<Estimate> = 12;
template <>
inline constexpr int member_count<RegressionLimits> = 5;
template <>
inline constexpr int member_count<FloorChange> = 2;
template <>
inline constexpr int member_count<JointEstimator::Prior> = 3;
template <>
inline constexpr int member_count<LeapTable> = 2;
template <>
inline constexpr int member_count<LeapTable::Entry> = 2;
template <>
inline constexpr int member_count<TimekeeperSettings> = 16;
template <>
inline constexpr int member_count<Tuning> = 4;
template <>
inline constexpr int member_count<TrackedSource> = 9;
template <>
inline constexpr int member_count<KeptSample> = 2;
template <>
inline constexpr int member_count<Reference> = 10;
template <>
inline constexpr int member_count<ManualInput::Entry> = 4;
template <>
inline constexpr int member_count<Discipline::Settings> = 8;
template <>
inline constexpr int member_count<input::Add> = 1;
template <>
inline constexpr int member_count<input::Remove> = 1;
template <>
inline constexpr int member_count<input::SetAddress> = 2;
template <>
inline constexpr int member_count<input::SetProvisional> = 2;
template <>
inline constexpr int member_count<input::Reconfigure> = 2;
template <>
inline constexpr int member_count<input::Retune> = 2;
template <>
inline constexpr int member_count<input::Await> = 2;
template <>
inline constexpr int member_count<input::Update> = 4;
template <>
inline constexpr int member_count<input::Tick> = 1;
template <>
inline constexpr int member_count<input::ClockChange> = 2;
template <>
inline constexpr int member_count<input::ClockJump> = 3;
template <>
inline constexpr int member_count<input::StepRefused> = 1;
template <>
inline constexpr int member_count<input::Command> = 2;
template <>
inline constexpr int member_count<input::TimeEntered> = 2;
template <>
inline constexpr int member_count<input::LeapSecondsKnown> = 1;
template <>
inline constexpr int member_count<input::InitialOver> = 0;
template <>
inline constexpr int member_count<input::ActivateSmoothing> = 1;
template <>
inline constexpr int member_count<input::ResetSmoothing> = 1;
template <>
inline constexpr int member_count<input::Restore> = 3;
template <>
inline constexpr int member_count<input::Reset> = 1;

}  // namespace gnomon::engine::replay
