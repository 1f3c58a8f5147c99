// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/text/messages.hpp"

#include <cmath>
#include <map>
#include <set>

#include "daemon/core/engine/values/reference_id.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/association/script.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

AssociationReport report() {
  AssociationReport r;
  r.name = "ntp.example";
  r.address = address("192.0.2.1");
  return r;
}

Verdict missing() {
  Verdict v;
  v.evidence.limit = 3;
  return v;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("every reason has a name and a letter of its own, and an explanation") {
  std::set<std::string_view> names;
  std::set<char> letters;
  for (int i = 0; i <= static_cast<int>(Reason::distant); ++i) {
    Verdict v;
    v.reason = static_cast<Reason>(i);
    names.insert(name_of(v.reason));
    letters.insert(letter_of(v.reason));
    CHECK(contains(explain(v, report()), "ntp.example (192.0.2.1) "));
    CHECK_FALSE(contains(explain(v, report()), "without a name"));
  }
  CHECK(names.size() == 17);
  CHECK(letters.size() == 17);
}

TEST_CASE("missing samples are explained by the first thing that did not work") {
  auto r = report();
  CHECK(contains(explain(missing(), r), "3 are needed"));
  r.ntp.total_tx = 4;
  CHECK(contains(explain(missing(), r), "has not answered any of 4 requests"));
  r.ntp.total_rx = 4;
  r.kiss = base::reference_id("DENY");
  CHECK(contains(explain(missing(), r), "refuses to serve us: it answers with the kiss code DENY"));
  r.kiss = base::reference_id("RATE");
  CHECK(contains(explain(missing(), r), "asks us to come less often (kiss code RATE)"));
  r.kiss.reset();
  r.ntp.total_rx = 0;
  r.auth.mode = AuthMode::nts;
  r.auth.last_failure = "certificate has expired";
  r.auth.ke_attempts = 2;
  CHECK(contains(explain(missing(), r), "the key exchange failed (certificate has expired), 2 attempts"));
  r.address = {};
  CHECK(contains(explain(missing(), r), "does not resolve"));
  r.activity = Activity::offline;
  CHECK(contains(explain(missing(), r), "offline"));
}

TEST_CASE("journal texts keep chrony's words") {
  const SourceNames source{"192.0.2.1", "ntp.example"};
  const auto text = [&](NoteKind kind, double value = 0, std::string detail = {}, double bound = 0) {
    return words_for({kind, {}, value, std::move(detail), bound}, source).text;
  };
  CHECK(text(NoteKind::selected_source) == "Selected source 192.0.2.1 (ntp.example)");
  CHECK(text(NoteKind::falseticker) == "Detected falseticker 192.0.2.1 (ntp.example)");
  CHECK(contains(text(NoteKind::date_majority_missing, 1, {}, 3),
                 "is told by 1 of 3 NTS sources: more than half of all"));
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

TEST_CASE("the fields of a note name its source and its numbers") {
  const Note note{.kind = NoteKind::ke_failed,
                  .value = 16,
                  .text = "connection: connection refused. Check",
                  .stage = "connection",
                  .reason = "connection refused"};
  std::map<std::string_view, std::variant<std::string_view, double, std::int64_t>> fields;
  const SourceNames source{"192.0.2.1", "ntp.example"};
  for (const auto& field : fields_of(note, source)) fields[base::traits_of(field.field).name] = field.value;
  CHECK(fields.size() == 5);
  CHECK(std::get<std::string_view>(fields["GNOMON_SOURCE"]) == "ntp.example");
  CHECK(std::get<std::string_view>(fields["GNOMON_ADDRESS"]) == "192.0.2.1");
  CHECK(std::get<std::string_view>(fields["GNOMON_STAGE"]) == "connection");
  CHECK(std::get<std::string_view>(fields["GNOMON_REASON"]) == "connection refused");
  CHECK(std::get<double>(fields["GNOMON_NEXT_TRY"]) == 16);
}

TEST_CASE("a note without a source has no field for one") {
  const auto fields = fields_of({.kind = NoteKind::clock_stepped, .value = -2});
  REQUIRE(fields.size() == 1);
  CHECK(fields.front().field == base::LogField::offset);
  CHECK(std::get<double>(fields.front().value) == -2);
}

TEST_CASE("a reference id is the IPv4 address or the beginning of the MD5 of the IPv6 address") {
  CHECK(reference_id_of(address("192.0.2.1")).value == 0xc0000201);
  CHECK(reference_id_of(address("::1")).value == 0xcf404dc8);
  CHECK(reference_id_of(address("2001:db8::1")).value == 0x39ab9b37);
  CHECK(reference_id_of({}).value == 0);
}

}  // namespace gnomon::testing
