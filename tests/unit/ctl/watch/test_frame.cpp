// SPDX-License-Identifier: GPL-2.0-or-later
// One picture of watch: it fits every terminal, and says by letters what it says by colours.
#include "ctl/watch/frame.hpp"

#include <algorithm>
#include <string>

#include "ctl/watch/watch.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::ctl;

namespace {

WatchModel model_of(std::size_t sources) {
  WatchModel model{.now = 1e9};
  model.clock = {
      .synchronised = true, .name = "time.example.net", .stratum = 2, .bound = 1e-3, .leap = "normal"};
  for (std::size_t i = 0; i < sources; ++i)
    model.sources.push_back({.id = static_cast<std::int64_t>(i),
                             .name = "n\u00e4me" + std::to_string(i),
                             .letter = '*',
                             .reach = 0xf0,
                             .last_rx = 5.0,
                             .offset = 1e-5,
                             .error = 1e-3});
  for (int i = 0; i < 100; ++i)
    model.history.clock.push_back(
        {.time = 1e9 - 500 + 5 * i, .offset = i % 2 == 0 ? 1e-5 : -2e-5, .bound = 1e-3 * (1 + i % 7)});
  model.history.events = {{.time = 1e9, .level = 3, .text = "something \033[31m is wrong"}};
  return model;
}

std::string text_of(const WatchModel& model, const Canvas& canvas, bool keys = true) {
  std::string text;
  for (const auto& line : frame(model, {.has_keys = keys, .host = "host"}, canvas))
    text += line_text(line, canvas) + '\n';
  return text;
}

}  // namespace

TEST_CASE("a picture fits every terminal") {
  for (const std::size_t sources : {0U, 1U, 5U, 200U})
    for (const std::size_t width : {1U, 2U, 9U, 20U, 39U, 63U, 64U, 75U, 80U, 300U})
      for (const std::size_t height : {1U, 2U, 3U, 5U, 6U, 12U, 24U, 90U}) {
        const Canvas canvas{.width = width, .height = height, .unicode = true};
        const auto lines = frame(model_of(sources), {.host = "host"}, canvas);
        CHECK(lines.size() <= height);
        for (const auto& line : lines) CHECK(columns_of(line_text(line, canvas)) <= width);
      }
}

TEST_CASE("why the clock is not synchronised is said once, and to its end") {
  auto model = model_of(1);
  model.clock = {.synchronised = false, .leap = "not_synchronised"};
  model.clock.summary =
      "The clock is not synchronised. The only source cannot be used: time.example.net has no "
      "NTS keys: the key exchange failed.";
  const auto text = text_of(model, {.width = 80, .height = 24});
  CHECK(text.contains("! Not synchronised The only source cannot be used: time.example.net has no NTS\n"));
  CHECK(text.contains("the key exchange failed."));
  CHECK_FALSE(text.contains("leap"));
}

TEST_CASE("without unicode all is ASCII, and nothing steers the terminal") {
  const auto text = text_of(model_of(3), {});
  CHECK(std::ranges::all_of(text, [](char c) { return c == '\n' || (c >= ' ' && c < 0x7f); }));
  CHECK(text.contains("error: something ?[31m is wrong"));
  CHECK(text.contains("####...."));
}

TEST_CASE("a new state is marked by letters for a while") {
  auto model = model_of(1);
  model.sources[0].before = '+';
  model.sources[0].letter = 'x';
  model.sources[0].changed_at = model.now - 5;
  CHECK(text_of(model, {}).contains("\n+>x n"));
  model.now += 60;
  CHECK(text_of(model, {}).contains("\n  x n"));
}

TEST_CASE("colours only where they are wanted") {
  CHECK_FALSE(text_of(model_of(3), {}).contains('\033'));
  CHECK(text_of(model_of(3), {.colours = true}).contains("\033[32m"));
}

TEST_CASE("a daemon that has gone is said in the last line, and what was known stays") {
  auto model = model_of(2);
  model.trouble = "cannot reach gnomond";
  const auto text = text_of(model, {});
  CHECK(text.ends_with("\n! cannot reach gnomond\n"));
  CHECK(text.contains("  * n"));
}

TEST_CASE("which terminals show more than ASCII") {
  CHECK(shows_unicode({"", "", "de_DE.UTF-8"}, "xterm"));
  CHECK(shows_unicode({"C.utf8", "C", "C"}, "screen"));
  CHECK_FALSE(shows_unicode({"C", "", "de_DE.UTF-8"}, "xterm"));
  CHECK_FALSE(shows_unicode({"", "", ""}, "xterm"));
  CHECK_FALSE(shows_unicode({"C.UTF-8"}, "linux"));
}

TEST_CASE("quantities and ages are short") {
  CHECK(signed_text(-1.2e-5) == "-12.0 us");
  CHECK(unsigned_text(1e12).size() <= 9);
  CHECK(age_text(5999) == "100m");
  CHECK(fitted("abc", 2) == "ab");
  CHECK(fitted("\u00e4", 3) == "\u00e4  ");
}
