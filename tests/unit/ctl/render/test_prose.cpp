// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/render/prose.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::ctl;

TEST_CASE("paragraphs are broken between words, with an indent") {
  CHECK(paragraph("one two three", 0, "* ", "  ") == "* one two three\n");
  CHECK(paragraph("one two three", 9, "* ", "  ") == "* one two\n  three\n");
  CHECK(paragraph("incomprehensibilities", 9) == "incomprehensibilities\n");
  CHECK(paragraph("", 9, "* ") == "* \n");
  CHECK(paragraph("äöü äöü", 7) == "äöü äöü\n");
}

TEST_CASE("nothing that a terminal would interpret is printed") {
  CHECK(harmless_text("a\x1b[2Jb\rc\n") == "a?[2Jb?c?");
  CHECK(harmless_text("\xc2\x9b"
                      "2J") == "?2J");
  CHECK(harmless_text("a\xe2\x80\xae"
                      "b") == "a?b");
  CHECK(harmless_text("\xe2\x80") == "??");  // no UTF-8
  CHECK(harmless_text("\x9b"
                      "2J") == "?2J");  // CSI where a terminal takes single octets
}

TEST_CASE("colours are left out where there are none") {
  CHECK(toned("x", Tone::bad, false) == "x");
  CHECK(toned("x", Tone::plain, true) == "x");
  CHECK(toned("x", Tone::bad, true) == "\033[31mx\033[0m");
}

TEST_CASE("what would be rounded to a thousand of a unit is one of the next") {
  CHECK(time_unit_of(0).name == "ns");
  CHECK(time_unit_of(999.4e-9).name == "ns");
  CHECK(time_unit_of(999.6e-9).name == "us");
  CHECK(time_unit_of(-999.4e-6).name == "us");
  CHECK(time_unit_of(-999.6e-6).name == "ms");
  CHECK(time_unit_of(0.9994).name == "ms");
  CHECK(time_unit_of(0.9996).name == "s");
  CHECK(time_unit_of(1e9).name == "s");
}
