// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/words.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon::config;

TEST_CASE("a line is words with their columns, whatever the white space between them") {
  const auto words = split_words(" \tserver\v a.example   iburst\r");
  REQUIRE(words.size() == 3);
  CHECK(words[0].text == "server");
  CHECK(words[0].column == 3);
  CHECK(words[1].column == 11);
  CHECK(words[2].text == "iburst");
  CHECK(join_words(words) == "server a.example iburst");
}

TEST_CASE("a comment line has no words") {
  for (const auto* line : {"# x", "  ! x", ";", "\t%x", "", "   "}) CHECK(split_words(line).empty());
}

TEST_CASE("a # before a word ends the line, within a word and as other marks it does not") {
  CHECK(join_words(split_words("port 123 # x")) == "port 123");
  CHECK(join_words(split_words("port 123\t#x # y")) == "port 123");
  CHECK(join_words(split_words("include /a#b c#")) == "include /a#b c#");
  for (const auto* mark : {"!", ";", "%"}) CHECK(split_words(std::string{"port 123 "} + mark).size() == 3);
}

TEST_CASE("the nearest word is the one with the fewest slips") {
  const std::vector<std::string_view> known{"iburst", "burst", "prefer", "port", "key"};
  CHECK(nearest_word("ibrust", known) == "iburst");
  CHECK(nearest_word("IBURTS", known) == "iburst");
  CHECK(nearest_word("prefre", known) == "prefer");
  CHECK(nearest_word("prot", known) == "port");
  CHECK(nearest_word("bursts", known) == "burst");
  CHECK(nearest_word("kez", known) == "key");
}

TEST_CASE("a word far from all has no nearest word") {
  CHECK(nearest_word("banana", {"iburst", "port"}).empty());
  CHECK(nearest_word("x", {"key"}).empty());
  CHECK(nearest_word("x", {"y"}).empty());
  CHECK(nearest_word(std::string(33, 'a'), {std::string(33, 'a')}).empty());
}
