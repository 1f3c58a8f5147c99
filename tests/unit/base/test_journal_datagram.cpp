// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/journal_datagram.hpp"

#include <array>
#include <string>

#include "tests/unit/catch.hpp"

using namespace gnomon::base;
using namespace std::string_literals;

namespace {

std::string text_of(const JournalDatagram& datagram) {
  const auto octets = datagram.bytes();
  return {octets.begin(), octets.end()};
}

}  // namespace

TEST_CASE("a message is NAME=value lines") {
  const std::array fields{FieldValue{LogField::source, "ntp.example"}, FieldValue{LogField::offset, -0.25},
                          FieldValue{LogField::count, 1'000'000}};
  JournalDatagram datagram;
  add_message(datagram, "core", {LogEvent::falseticker, "Detected falseticker ntp.example", fields}, 3);
  CHECK(text_of(datagram) ==
        "MESSAGE=Detected falseticker ntp.example\n"
        "MESSAGE_ID=" +
            std::string{traits_of(LogEvent::falseticker).message_id} +
            "\n"
            "PRIORITY=4\n"
            "SYSLOG_IDENTIFIER=gnomond\n"
            "GNOMON_EVENT=falseticker\n"
            "GNOMON_ROLE=core\n"
            "GNOMON_SUPPRESSED=3\n"
            "GNOMON_SOURCE=ntp.example\n"
            "GNOMON_OFFSET=-0.25\n"
            "GNOMON_COUNT=1000000\n");
}

TEST_CASE("a value with line breaks has its length before it, and cannot forge a field") {
  JournalDatagram datagram;
  datagram.add("MESSAGE", "a\nPRIORITY=0");
  CHECK(text_of(datagram) == "MESSAGE\n\x0c\0\0\0\0\0\0\0a\nPRIORITY=0\n"s);
}

TEST_CASE("other control characters become question marks") {
  JournalDatagram datagram;
  datagram.add("MESSAGE", "a\x1b[2J\tb\x7f\0c"s);
  CHECK(text_of(datagram) == "MESSAGE=a?[2J?b??c\n");
}

TEST_CASE("values are cut and what does not fit is left out whole") {
  JournalDatagram datagram;
  const std::string longer(3000, 'x');
  for (const char* const name : {"A", "B", "C", "D"}) datagram.add(name, longer);
  datagram.add("E", "e");
  const auto part = "="s + std::string(JournalDatagram::max_value, 'x') + "\n";
  CHECK(text_of(datagram) == "A" + part + "B" + part + "C" + part + "E=e\n");
  CHECK(datagram.bytes().size() <= JournalDatagram::max_size);
}

TEST_CASE("what is no valid UTF-8 and what a terminal interprets is marked, octet by octet") {
  const auto harmless = [](std::string_view text, LineBreaks lines = LineBreaks::replace) {
    std::string marked(text.size(), ' ');
    CHECK(put_harmless(text, lines, marked.data()) == marked.data() + marked.size());
    return marked;
  };
  for (const auto* text : {"", "plain", "Zürich", "東京", "\xf0\x9f\x95\xb0"}) CHECK(harmless(text) == text);
  CHECK(harmless("a\tb\x1b[2J\x7f") == "a?b?[2J?");
  CHECK(harmless("\x9b"
                 "2J") == "?2J");
  CHECK(harmless("\xc2\x9b"
                 "2J") == "??2J");
  CHECK(harmless("\xc2") == "?");
  CHECK(harmless("\xc0\xaf \xe0\x80\xaf \xed\xa0\x80 \xf4\x90\x80\x80 \xff") == "?? ??? ??? ???? ?");
  CHECK(harmless("\xe6\x9d"
                 "a") == "??a");
  CHECK(harmless("a\nb") == "a?b");
  CHECK(harmless("a\nb", LineBreaks::keep) == "a\nb");
}

TEST_CASE("the journal gets no octets of which it would make a blob") {
  JournalDatagram datagram;
  datagram.add("MESSAGE", "Could not parse \x9b\xffx");
  CHECK(text_of(datagram) == "MESSAGE=Could not parse ??x\n");
}
