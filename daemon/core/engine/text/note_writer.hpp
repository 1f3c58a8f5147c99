// SPDX-License-Identifier: GPL-2.0-or-later
// The words and fields of every note: one overload each, so that a note without words does not compile.
// chrony's wording where its users search for it. Used by messages.cpp only.
#pragma once

#include <string>

#include "daemon/core/engine/text/messages.hpp"

namespace gnomon::engine {

class NoteWriter {
 public:
  explicit NoteWriter(const SourceNames& source);

  // note_writer.cpp: selection and sources
  [[nodiscard]] Message operator()(const note::SelectedSource& n) const;
  [[nodiscard]] Message operator()(const note::NoSelectableSources& n) const;
  [[nodiscard]] Message operator()(const note::NoMajority& n) const;
  [[nodiscard]] Message operator()(const note::RootDistanceExceeded& n) const;
  [[nodiscard]] Message operator()(const note::JitterExceeded& n) const;
  [[nodiscard]] Message operator()(const note::StratumRefused& n) const;
  [[nodiscard]] Message operator()(const note::Falseticker& n) const;
  [[nodiscard]] Message operator()(const note::StartWasWrong& n) const;
  [[nodiscard]] Message operator()(const note::SourceReachable& n) const;
  [[nodiscard]] Message operator()(const note::SourceUnreachable& n) const;
  [[nodiscard]] Message operator()(const note::SourceOnline& n) const;
  [[nodiscard]] Message operator()(const note::SourceOffline& n) const;
  [[nodiscard]] Message operator()(const note::SourceAddressChanged& n) const;
  [[nodiscard]] Message operator()(const note::SourceMoved& n) const;
  [[nodiscard]] Message operator()(const note::SourceIsOurselves& n) const;
  [[nodiscard]] Message operator()(const note::SourceFollowsUs& n) const;
  [[nodiscard]] Message operator()(const note::KissReceived& n) const;
  [[nodiscard]] Message operator()(const note::ResolveFailed& n) const;
  [[nodiscard]] Message operator()(const note::HistoryDropped& n) const;

  // nts_note_writer.cpp: keys, certificates and the date
  [[nodiscard]] Message operator()(const note::NtsNak& n) const;
  [[nodiscard]] Message operator()(const note::KeSucceeded& n) const;
  [[nodiscard]] Message operator()(const note::KeProvisional& n) const;
  [[nodiscard]] Message operator()(const note::KeFailed& n) const;
  [[nodiscard]] Message operator()(const note::DatesForgiven& n) const;
  [[nodiscard]] Message operator()(const note::KeyMissing& n) const;
  [[nodiscard]] Message operator()(const note::KeyShort& n) const;
  [[nodiscard]] Message operator()(const note::CookiesRecalled& n) const;
  [[nodiscard]] Message operator()(const note::CookiesOutdated& n) const;
  [[nodiscard]] Message operator()(const note::CookiesRejected& n) const;
  [[nodiscard]] Message operator()(const note::ClockImpossible& n) const;
  [[nodiscard]] Message operator()(const note::TimePresumed& n) const;
  [[nodiscard]] Message operator()(const note::DateMajorityMissing& n) const;
  [[nodiscard]] Message operator()(const note::TimeNotConfirmed& n) const;

  // clock_note_writer.cpp: the clock and leap seconds
  [[nodiscard]] Message operator()(const note::ClockWrong& n) const;
  [[nodiscard]] Message operator()(const note::ClockStepped& n) const;
  [[nodiscard]] Message operator()(const note::StepForbidden& n) const;
  [[nodiscard]] Message operator()(const note::ChangeRefused& n) const;
  [[nodiscard]] Message operator()(const note::SteeringFrozen& n) const;
  [[nodiscard]] Message operator()(const note::SteeringResumed& n) const;
  [[nodiscard]] Message operator()(const note::FrequencyRead& n) const;
  [[nodiscard]] Message operator()(const note::FrequencyClamped& n) const;
  [[nodiscard]] Message operator()(const note::FallbackDrift& n) const;
  [[nodiscard]] Message operator()(const note::ClockRefused& n) const;
  [[nodiscard]] Message operator()(const note::ClockJumped& n) const;
  [[nodiscard]] Message operator()(const note::MachineSlept& n) const;
  [[nodiscard]] Message operator()(const note::LeapAnnounced& n) const;
  [[nodiscard]] Message operator()(const note::LeapMade& n) const;
  [[nodiscard]] Message operator()(const note::LeapMissed& n) const;
  [[nodiscard]] Message operator()(const note::TaiTold& n) const;

 private:
  [[nodiscard]] std::string former_address() const;

  const SourceNames& source_;
  std::string who_;  // chrony's way: the address, and the name behind it where it is another
};

}  // namespace gnomon::engine
