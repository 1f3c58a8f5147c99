// SPDX-License-Identifier: GPL-2.0-or-later
#include <cmath>
#include <map>
#include <set>

#include "daemon/core/engine/text/messages.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

namespace {

const SourceNames names{"192.0.2.1", "ntp.example"};

std::string text(NoteSubject subject) {
  return message_for({std::move(subject)}, names).text;
}

bool begins(NoteSubject subject, std::string_view with) {
  return text(std::move(subject)).starts_with(with);
}

bool contains(NoteSubject subject, std::string_view part) {
  return text(std::move(subject)).find(part) != std::string::npos;
}

// One note of every kind.
template <std::size_t... Index>
std::vector<Note> one_of_each(std::index_sequence<Index...>) {
  return {Note{NoteSubject{std::in_place_index<Index>}}...};
}

}  // namespace

TEST_CASE("journal texts keep chrony's words") {
  CHECK(text(note::SelectedSource{}) == "Selected source 192.0.2.1 (ntp.example)");
  CHECK(text(note::Falseticker{}) == "Detected falseticker 192.0.2.1 (ntp.example)");
  CHECK(text(note::SourceOffline{}) == "Source 192.0.2.1 (ntp.example) offline");
  CHECK(text(note::ClockWrong{base::Seconds{1.5}}) == "System clock wrong by 1.500000 seconds");
  CHECK(text(note::ClockStepped{base::Seconds{-2}}) == "System clock was stepped by -2.000000 seconds");
  CHECK(text(note::ChangeRefused{base::Seconds{-3}, base::Seconds{0.5}}) ==
        "Adjustment of -3.000 seconds exceeds the allowed maximum of 0.500 seconds (ignored)");
  CHECK(text(note::FrequencyRead{base::Ppm{1.5}, base::Ppm{0.25}, "/var/lib/drift"}) ==
        "Frequency 1.500 +/- 0.250 ppm read from /var/lib/drift");
  CHECK(text(note::KissReceived{"RATE"}) == "Received KoD RATE from 192.0.2.1 (ntp.example)");
  CHECK(text(note::SourceAddressChanged{"192.0.2.2"}) ==
        "Source 192.0.2.1 replaced with 192.0.2.2 (ntp.example)");
  CHECK(begins(note::SourceMoved{"192.0.2.2"}, "Source 192.0.2.1 changed to 192.0.2.2 (ntp.example)"));
  CHECK(begins(note::ClockJumped{base::Seconds{-1}}, "Backward time jump detected!"));
}

TEST_CASE("a missing or short key is named, with what to do") {
  CHECK(begins(note::KeyMissing{7, true}, "Key 7 is missing"));
  CHECK(contains(note::KeyMissing{7, true}, "gnomonctl rekey"));
  CHECK(contains(note::KeyMissing{7, false}, "name the file that has it with `keyfile`"));
  CHECK(begins(note::KeyShort{7}, "Key 7 is too short"));
}

TEST_CASE("why nobody is followed begins with chrony's words") {
  CHECK(begins(note::NoSelectableSources{1, "no"},
               "Can't synchronise: no selectable sources (1 unreachable sources)"));
  CHECK(
      begins(note::NoSelectableSources{0, "not enough"}, "Can't synchronise: not enough selectable sources"));
  CHECK(begins(note::NoMajority{5, 2}, "Can't synchronise: no majority (only 2 of 5 sources agree)"));
  CHECK(begins(note::NoMajority{3, 1, true},
               "Can't synchronise: no majority (no agreement among 3 trusted sources)"));
  CHECK(begins(note::RootDistanceExceeded{base::Seconds{3}},
               "Root distance of 192.0.2.1 (ntp.example) exceeds maxdistance of 3.000 seconds"));
  CHECK(begins(note::JitterExceeded{base::Seconds{1}},
               "Jitter of 192.0.2.1 (ntp.example) exceeds maxjitter of 1.000 seconds"));
  CHECK(begins(note::JitterExceeded{base::Seconds{0.00025}},
               "Jitter of 192.0.2.1 (ntp.example) exceeds maxjitter of 0.00025 seconds"));
  CHECK(begins(note::RootDistanceExceeded{base::Seconds{1e-6}},
               "Root distance of 192.0.2.1 (ntp.example) exceeds maxdistance of 0.000001 seconds"));
  CHECK(begins(note::StratumRefused{7, 5}, "Stratum of 192.0.2.1 (ntp.example) above maxstratum of 5"));
  CHECK(begins(note::StratumRefused{1, 2}, "Stratum of 192.0.2.1 (ntp.example) below minstratum of 2"));
}

TEST_CASE("a clock that slewing corrects too slowly is told with the way out") {
  CHECK(
      contains(note::ClockWrong{base::Seconds{7e8}, base::Seconds{7e9}}, "No step is allowed, and slewing"));
  CHECK(contains(note::ClockWrong{base::Seconds{7e8}, base::Seconds{7e9}}, "restart gnomond"));
  CHECK(
      contains(note::ClockWrong{base::Seconds{7e8}, base::Seconds{HUGE_VAL}}, "maxslewrate allows no slew"));
}

TEST_CASE("a name that does not resolve is told with whose name it is") {
  CHECK(contains(note::ResolveFailed{{}, "no such name", 16s}, "address of ntp.example: no such name"));
  CHECK(contains(note::ResolveFailed{"192.0.2.9", "", 16s}, "names the NTP server 192.0.2.9"));
  CHECK(contains(note::ResolveFailed{"b.example", "no answer", 16s}, "b.example, the NTP server that"));
}

TEST_CASE("a key exchange that failed tells when the next try is") {
  CHECK(contains(note::KeFailed{"connection: refused", "connection", "refused", 16s}, "next try in 16 s"));
  CHECK(contains(note::KeFailed{"connection: refused", "connection", "refused", 0s}, "trying again at once"));
  CHECK(contains(note::DateMajorityMissing{1, 3}, "1 of 3 NTS sources tell another date"));
  CHECK(contains(note::CookiesRecalled{1, base::Seconds{60}}, "1 NTS cookie of"));
}

TEST_CASE("sources that find our date right are not said to find it wrong") {
  CHECK(contains(note::TimePresumed{base::Seconds{0}, 1, 1}, "seems to be right, say 1 of 1"));
  CHECK(contains(note::TimePresumed{base::Seconds{90}, 2, 3}, "seems to be slow by 90 s, say 2 of 3"));
}

TEST_CASE("every note has words, and an event of its own") {
  std::set<base::LogEvent> events;
  for (const Note& note : one_of_each(std::make_index_sequence<std::variant_size_v<NoteSubject>>{})) {
    const auto message = message_for(note, names);
    CHECK_FALSE(message.text.empty());
    CHECK(events.insert(message.event).second);
  }
}

TEST_CASE("the fields of a message name its source and its numbers") {
  const Note note{
      note::KeFailed{"connection: connection refused. Check", "connection", "connection refused", 16s}};
  std::map<std::string_view, std::variant<std::string_view, double, std::int64_t>> fields;
  const auto message = message_for(note, names);
  for (const auto& field : message.fields) fields[base::traits_of(field.field).name] = field.value;
  CHECK(fields.size() == 5);
  CHECK(std::get<std::string_view>(fields["GNOMON_SOURCE"]) == "ntp.example");
  CHECK(std::get<std::string_view>(fields["GNOMON_ADDRESS"]) == "192.0.2.1");
  CHECK(std::get<std::string_view>(fields["GNOMON_STAGE"]) == "connection");
  CHECK(std::get<std::string_view>(fields["GNOMON_REASON"]) == "connection refused");
  CHECK(std::get<double>(fields["GNOMON_NEXT_TRY"]) == 16);
}

TEST_CASE("numbers stand in the field that says what they are") {
  using base::LogField;
  const auto number = [](NoteSubject subject, LogField field) -> std::optional<double> {
    const auto message = message_for({std::move(subject)});
    for (const auto& each : message.fields) {
      if (each.field != field) continue;
      if (const auto* whole = std::get_if<std::int64_t>(&each.value)) return static_cast<double>(*whole);
      return std::get<double>(each.value);
    }
    return std::nullopt;
  };
  CHECK(number(note::KeSucceeded{30}, LogField::aead) == 30);
  CHECK(number(note::CookiesRecalled{3, 50s}, LogField::count) == 3);
  CHECK(number(note::CookiesRecalled{3, 50s}, LogField::age) == 50);
  CHECK(number(note::FrequencyRead{{1.5}, {0.25}, {}}, LogField::frequency) == 1.5);
  CHECK(number(note::FrequencyRead{{1.5}, {0.25}, {}}, LogField::bound) == 0.25);
  CHECK(number(note::MachineSlept{7s}, LogField::duration) == 7);
  CHECK(number(note::LeapMade{-1, {}}, LogField::leap) == -1);
  // How far the clock is behind the time that it must be at least.
  CHECK(number(note::ClockImpossible{base::RealTime{100s}, base::RealTime{40s}}, LogField::offset) == 60);
}

// It once viewed a copy that was gone by then.
TEST_CASE("the texts of a field are those of the note") {
  const std::string_view reason = "no name server answers, however long one waits";
  const Note note{note::ResolveFailed{{}, reason, 2s}};
  const auto message = message_for(note);
  REQUIRE(message.fields.size() == 2);
  CHECK(std::get<std::string_view>(message.fields[1].value).data() == reason.data());
}

TEST_CASE("a note without a source has no field for one") {
  const Note note{note::ClockStepped{base::Seconds{-2}}};
  const auto message = message_for(note);
  REQUIRE(message.fields.size() == 1);
  CHECK(message.fields.front().field == base::LogField::offset);
  CHECK(std::get<double>(message.fields.front().value) == -2);
}

}  // namespace gnomon::testing
