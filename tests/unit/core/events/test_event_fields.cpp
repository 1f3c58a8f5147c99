// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/events/event_fields.hpp"

#include <array>
#include <string>

#include "base/journal_datagram.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using core::event_fields;
using core::readable;

TEST_CASE("what the journal gets is what can be read") {
  const std::array fields{base::FieldValue{base::LogField::source, "ntp.example"},
                          base::FieldValue{base::LogField::count, 3},
                          base::FieldValue{base::LogField::reason, "two\nlines"}};
  base::JournalDatagram datagram;
  base::add_message(datagram, "core",
                    {base::LogEvent::selected_source, "Selected source ntp.example", fields}, 2);
  const auto read = event_fields(datagram.bytes());
  const auto value = [&read](std::string_view name) {
    for (const auto& each : read)
      if (each.name == name) return each.value;
    return std::string{"-"};
  };
  CHECK(value("MESSAGE") == "Selected source ntp.example");
  CHECK(value("GNOMON_EVENT") == "selected_source");
  CHECK(value("PRIORITY") == "6");
  CHECK(value("GNOMON_SOURCE") == "ntp.example");
  CHECK(value("GNOMON_COUNT") == "3");
  CHECK(value("GNOMON_SUPPRESSED") == "2");
  CHECK(value("GNOMON_REASON") == "two\nlines");
}

TEST_CASE("what is malformed ends the fields, and nothing is read beyond") {
  const auto count = [](std::string_view text) { return event_fields(base::as_bytes(text)).size(); };
  CHECK(count("") == 0);
  CHECK(count("A=1\nB=2\n") == 2);
  CHECK(count("A=1\nB=2") == 1);
  CHECK(count("=1\n") == 0);
  CHECK(count("A") == 0);
  CHECK(count("A\n\x02") == 0);
  CHECK(count(std::string_view{"A\n\x02\0\0\0\0\0\0\0xy\n", 13}) == 1);
  CHECK(count(std::string_view{"A\n\x03\0\0\0\0\0\0\0xy\n", 13}) == 0);
  CHECK(count("A\n\xff\xff\xff\xff\xff\xff\xff\xffxy\n") == 0);
}

TEST_CASE("texts of strangers become valid UTF-8 that no terminal interprets") {
  CHECK(readable("Zürich €") == "Zürich €");
  CHECK(readable("a\x1b[31mb\x7f") == "a?[31mb?");
  CHECK(readable("a\nb\rc") == "a\nb?c");
  CHECK(readable("\xc2\x9b"
                 "31m") == "?31m");  // C1's CSI
  CHECK(readable("\xff\xfe") == "??");
  CHECK(readable("\xc3") == "?");            // cut
  CHECK(readable("\xc0\xaf") == "??");       // too long a form
  CHECK(readable("\xed\xa0\x80") == "???");  // half of a pair
  CHECK(readable("\xf4\x90\x80\x80") == "????");
}
