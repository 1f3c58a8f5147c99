// SPDX-License-Identifier: GPL-2.0-or-later
// The fields of a note, for programs that read the journal.
#include <map>
#include <string_view>
#include <variant>

#include "daemon/core/engine/text/messages.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

using Value = std::variant<std::string_view, double, std::int64_t>;

// What a note without a source says in this field; absent: nothing.
std::optional<double> number_in(const Note& note, base::LogField field) {
  for (const auto& each : fields_of(note)) {
    if (each.field != field) continue;
    if (const auto* whole = std::get_if<std::int64_t>(&each.value)) return static_cast<double>(*whole);
    return std::get<double>(each.value);
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("the fields of a note name its source and its numbers") {
  const Note note{.kind = NoteKind::ke_failed,
                  .value = 16,
                  .text = "connection: connection refused. Check",
                  .stage = "connection",
                  .reason = "connection refused"};
  std::map<std::string_view, Value> fields;
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

TEST_CASE("numbers stand in the field that says what they are") {
  using base::LogField;
  CHECK(number_in({.kind = NoteKind::ke_succeeded, .value = 30}, LogField::aead) == 30);
  CHECK(number_in({.kind = NoteKind::cookies_recalled, .value = 3, .bound = 50}, LogField::count) == 3);
  CHECK(number_in({.kind = NoteKind::cookies_recalled, .value = 3, .bound = 50}, LogField::age) == 50);
  CHECK(number_in({.kind = NoteKind::frequency_read, .value = 1.5, .bound = 0.25}, LogField::frequency) ==
        1.5);
  CHECK(number_in({.kind = NoteKind::frequency_read, .value = 1.5, .bound = 0.25}, LogField::bound) == 0.25);
  CHECK(number_in({.kind = NoteKind::machine_slept, .value = 7}, LogField::duration) == 7);
  CHECK(number_in({.kind = NoteKind::leap_made, .value = -1}, LogField::leap) == -1);
  // How far the clock is behind the time that it must be at least.
  CHECK(number_in({.kind = NoteKind::clock_impossible, .value = 100, .bound = 40}, LogField::offset) == 60);
}

// It once viewed a copy that was gone by then.
TEST_CASE("the texts of a field are those of the note") {
  const std::string_view reason = "no name server answers, however long one waits";
  const Note note{.kind = NoteKind::resolve_failed, .value = 2, .reason = reason};
  const auto fields = fields_of(note);
  REQUIRE(fields.size() == 2);
  CHECK(std::get<std::string_view>(fields[1].value).data() == reason.data());
}

TEST_CASE("a reason that is not known makes no field") {
  CHECK(fields_of({.kind = NoteKind::clock_refused}).empty());
  CHECK(fields_of({.kind = NoteKind::clock_refused, .text = "why"}).size() == 1);
}

}  // namespace gnomon::testing
