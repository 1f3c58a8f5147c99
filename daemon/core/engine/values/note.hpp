// SPDX-License-Identifier: GPL-2.0-or-later
// What the engine wants the journal to say, as values: one struct per message. text/note_writer has the words
// of each, base/events its row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/time.hpp"
#include "base/units.hpp"

namespace gnomon::engine {

namespace note {

// --- selection
struct SelectedSource {};
struct NoSelectableSources {
  std::size_t unreachable = 0;
  std::string_view lack;  // "no", "not enough"
};
struct NoMajority {
  std::size_t voters = 0;
  std::size_t agreeing = 0;
  bool trusted = false;  // only the trusted ones have a vote
};
struct RootDistanceExceeded {
  base::Seconds limit{};  // maxdistance
};
struct JitterExceeded {
  base::Seconds limit{};  // maxjitter
};
struct StratumRefused {
  int stratum = 0;
  int limit = 0;  // minstratum or maxstratum
};
struct Falseticker {
  base::Seconds offset{};  // positive: our clock is behind it
};
struct StartWasWrong {};  // the first correction followed this falseticker

// --- one source
struct SourceReachable {};
struct SourceUnreachable {};
struct SourceOnline {};
struct SourceOffline {};
struct SourceAddressChanged {
  std::string address;
};
struct SourceMoved {  // where its NTS-KE server says that it is
  std::string address;
};
struct SourceIsOurselves {};
struct SourceFollowsUs {};
struct KissReceived {
  std::string code;
};
struct ResolveFailed {
  std::string host;         // that its NTS-KE server named; empty: the source's own name
  std::string_view reason;  // in words that last
  base::Duration next_try{};
};
struct HistoryDropped {};

// --- keys of a source
struct NtsNak {};
struct KeSucceeded {
  std::uint16_t aead = 0;
};
struct KeProvisional {};  // the certificate's dates do not fit our clock, which is not trusted
struct KeFailed {
  std::string text;         // stage, reason, detail and remedy
  std::string_view stage;   // how far it came, in words that last
  std::string_view reason;  // likewise
  base::Duration next_try{};
};
struct DatesForgiven {
  std::string text;         // what is wrong with the dates
  std::string_view reason;  // in words that last
  base::Duration next_try{};
};
struct KeyMissing {  // a symmetric one
  std::uint32_t id = 0;
  bool has_file = false;  // with keyfile
};
struct KeyShort {
  std::uint32_t id = 0;
};
struct CookiesRecalled {
  std::size_t count = 0;
  base::Seconds age{};  // of their key exchange
};
struct CookiesOutdated {
  base::Seconds age{};
};
struct CookiesRejected {
  std::string why;
};

// --- a clock that nobody has confirmed yet
struct ClockImpossible {
  base::RealTime earliest;  // that it can be
  base::RealTime reading;
};
struct TimePresumed {
  base::Seconds behind{};  // our clock
  std::size_t agreeing = 0;
  std::size_t sources = 0;  // NTS sources in all
};
struct DateMajorityMissing {
  std::size_t votes = 0;    // for another date than our clock's
  std::size_t sources = 0;  // NTS sources in all
};
struct TimeNotConfirmed {};

// --- the clock
struct ClockWrong {
  base::Seconds offset{};
  base::Seconds slewing{};  // takes at least that; 0: a step, or nothing is steered
};
struct ClockStepped {
  base::Seconds by{};
};
struct StepForbidden {  // by -x, where makestep asks for it
  base::Seconds offset{};
};
struct ChangeRefused {  // beyond maxchange
  enum class Consequence : std::uint8_t { ignored, steering_stops, exiting };
  base::Seconds offset{};
  base::Seconds limit{};
  Consequence consequence = Consequence::ignored;
};
struct SteeringFrozen {};  // maxchange was exceeded too often
struct SteeringResumed {};
struct FrequencyRead {
  base::Ppm frequency;
  base::Ppm skew;
  std::string file;
};
struct FrequencyClamped {
  base::Ppm frequency;  // in the file
  base::Ppm limit;      // maxdrift
  std::string file;
};
struct FallbackDrift {
  base::Ppm frequency;  // added to the free-running clock's
};
struct ClockRefused {
  std::string what;  // "a step of ...: not permitted"
};
struct ClockJumped {  // by somebody else's hand
  base::Seconds by{};
};
struct MachineSlept {
  base::Seconds length{};
};

// --- leap seconds
struct LeapAnnounced {
  int seconds = 0;       // inserted at the end of the day (UTC); 0: none after all
  std::string_view how;  // who makes it
};
struct LeapMade {
  int seconds = 0;
  std::string_view how;
};
struct LeapMissed {
  int seconds = 0;
};
struct TaiTold {
  int offset = 0;  // TAI minus UTC that the kernel has now, s
};

}  // namespace note

using NoteSubject =
    std::variant<note::SelectedSource, note::NoSelectableSources, note::NoMajority,
                 note::RootDistanceExceeded, note::JitterExceeded, note::StratumRefused, note::Falseticker,
                 note::StartWasWrong, note::SourceReachable, note::SourceUnreachable, note::SourceOnline,
                 note::SourceOffline, note::SourceAddressChanged, note::SourceMoved, note::SourceIsOurselves,
                 note::SourceFollowsUs, note::KissReceived, note::ResolveFailed, note::HistoryDropped,
                 note::NtsNak, note::KeSucceeded, note::KeProvisional, note::KeFailed, note::DatesForgiven,
                 note::KeyMissing, note::KeyShort, note::CookiesRecalled, note::CookiesOutdated,
                 note::CookiesRejected, note::ClockImpossible, note::TimePresumed, note::DateMajorityMissing,
                 note::TimeNotConfirmed, note::ClockWrong, note::ClockStepped, note::ChangeRefused,
                 note::SteeringFrozen, note::SteeringResumed, note::FrequencyRead, note::FrequencyClamped,
                 note::FallbackDrift, note::ClockRefused, note::ClockJumped, note::MachineSlept,
                 note::LeapAnnounced, note::LeapMade, note::LeapMissed, note::TaiTold, note::StepForbidden>;

struct Note {
  NoteSubject subject;
  base::SourceId source{};  // whom it is about, if a source
};

template <class Subject>
[[nodiscard]] bool is_about(const Note& note) {
  return std::holds_alternative<Subject>(note.subject);
}

}  // namespace gnomon::engine
