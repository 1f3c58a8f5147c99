// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/text/messages.hpp"

#include <cmath>
#include <set>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("every reason has a name and a letter of its own") {
  std::set<std::string_view> names;
  std::set<char> letters;
  for (int i = 0; i <= static_cast<int>(Reason::distant); ++i) {
    names.insert(name_of(static_cast<Reason>(i)));
    letters.insert(letter_of(static_cast<Reason>(i)));
  }
  CHECK(names.size() == 17);
  CHECK(letters.size() == 17);
}

TEST_CASE("who finds the clock frozen is told the way out") {
  CHECK(contains(frozen_sentence(), "gnomonctl makestep"));
}

TEST_CASE("journal texts keep chrony's words") {
  const SourceNames source{"192.0.2.1", "ntp.example"};
  const auto text = [&](NoteKind kind, double value = 0, std::string detail = {}, double bound = 0) {
    return words_for({kind, {}, value, std::move(detail), bound}, source).text;
  };
  CHECK(text(NoteKind::selected_source) == "Selected source 192.0.2.1 (ntp.example)");
  CHECK(text(NoteKind::falseticker) == "Detected falseticker 192.0.2.1 (ntp.example)");
  CHECK(contains(text(NoteKind::date_majority_missing, 1, {}, 3),
                 "1 of 3 NTS sources tell another date than our clock: more than half of all"));
  CHECK(text(NoteKind::source_offline) == "Source 192.0.2.1 (ntp.example) offline");
  CHECK(text(NoteKind::clock_wrong, 1.5) == "System clock wrong by 1.500000 seconds");
  CHECK(text(NoteKind::clock_stepped, -2) == "System clock was stepped by -2.000000 seconds");
  CHECK(text(NoteKind::frequency_read, 1.5, "/var/lib/drift", 0.25) ==
        "Frequency 1.500 +/- 0.250 ppm read from /var/lib/drift");
  CHECK(text(NoteKind::kiss_received, 0, "RATE") == "Received KoD RATE from 192.0.2.1 (ntp.example)");
  CHECK(contains(text(NoteKind::source_moved, 0, "192.0.2.2"),
                 "Source 192.0.2.1 changed to 192.0.2.2 (ntp.example)"));
  CHECK(
      contains(text(NoteKind::clock_wrong, 7e8, {}, 7e9), "seconds. No step is allowed, and slewing takes"));
  CHECK(contains(text(NoteKind::clock_wrong, 7e8, {}, 7e9), "restart gnomond"));
  CHECK(contains(text(NoteKind::clock_wrong, 7e8, {}, HUGE_VAL), "maxslewrate allows no slew"));
  CHECK(text(NoteKind::source_address_changed, 0, "192.0.2.2") ==
        "Source 192.0.2.1 replaced with 192.0.2.2 (ntp.example)");
}

TEST_CASE("why nobody is followed begins with chrony's words") {
  const auto begins = [](const Note& note, std::string_view with) {
    return words_for(note, {"192.0.2.1", "ntp.example"}).text.starts_with(with);
  };
  CHECK(begins({.kind = NoteKind::no_selectable_sources, .value = 1, .text = "no"},
               "Can't synchronise: no selectable sources (1 unreachable sources)"));
  CHECK(begins({.kind = NoteKind::no_selectable_sources, .text = "not enough"},
               "Can't synchronise: not enough selectable sources"));
  CHECK(begins({.kind = NoteKind::no_majority, .value = 5, .bound = 2},
               "Can't synchronise: no majority (only 2 of 5 sources agree)"));
  CHECK(begins({.kind = NoteKind::no_majority, .value = 3, .text = "trusted ", .bound = 1},
               "Can't synchronise: no majority (no agreement among 3 trusted sources)"));
  CHECK(begins({.kind = NoteKind::root_distance_exceeded, .bound = 3},
               "Root distance of 192.0.2.1 (ntp.example) exceeds maxdistance of 3.000 seconds"));
  CHECK(begins({.kind = NoteKind::jitter_exceeded, .bound = 1},
               "Jitter of 192.0.2.1 (ntp.example) exceeds maxjitter of 1.000 seconds"));
  CHECK(begins({.kind = NoteKind::stratum_refused, .value = 7, .bound = 5},
               "Stratum of 192.0.2.1 (ntp.example) above maxstratum of 5"));
  CHECK(begins({.kind = NoteKind::stratum_refused, .value = 1, .bound = 2},
               "Stratum of 192.0.2.1 (ntp.example) below minstratum of 2"));
}

TEST_CASE("every note has words, and an event of its own") {
  std::set<base::LogEvent> events;
  for (int i = 0; i <= static_cast<int>(NoteKind::leap_missed); ++i) {
    const auto words =
        words_for({static_cast<NoteKind>(i), {}, 1, "detail", 0}, {"192.0.2.1", "ntp.example"});
    CHECK_FALSE(words.text.empty());
    CHECK(events.insert(words.event).second);
  }
}

}  // namespace gnomon::testing
