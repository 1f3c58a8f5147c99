// SPDX-License-Identifier: GPL-2.0-or-later
// The table of events itself.
#include "base/log_event.hpp"

#include <algorithm>
#include <array>
#include <regex>
#include <set>
#include <string>

#include "tests/unit/catch.hpp"

using namespace gnomon::base;

namespace {

struct Words {
  std::string_view title;
  std::string_view cause;
  std::string_view effect;
  std::string_view remedy;
};
constexpr std::array words{
#define GNOMON_EVENT(name, id, level, repeats, title, cause, effect, remedy) \
  Words{title, cause, effect, remedy},
#include "base/events/all.inc"
#undef GNOMON_EVENT
};

const EventTraits& nth(std::size_t i) {
  return traits_of(static_cast<LogEvent>(i));
}

bool is_sentence(std::string_view text) {
  return text.size() > 4 && text.front() != ' ' && text.back() == '.' && !text.contains("  ");
}

}  // namespace

TEST_CASE("events have names and MESSAGE_IDs of their own") {
  std::set<std::string_view> names;
  std::set<std::string_view> ids;
  for (std::size_t i = 0; i < event_count; ++i) {
    names.insert(nth(i).name);
    ids.insert(nth(i).message_id);
    CHECK(std::regex_match(std::string{nth(i).name}, std::regex{"[a-z][a-z_]*[a-z]"}));
    CHECK(std::regex_match(std::string{nth(i).message_id}, std::regex{"[0-9a-f]{32}"}));
  }
  CHECK(names.size() == event_count);
  CHECK(ids.size() == event_count);
}

TEST_CASE("a name finds its own row") {
  CHECK(traits_of(LogEvent::selected_source).name == "selected_source");
  CHECK(traits_of(LogEvent::ke_failed).name == "ke_failed");
  CHECK(traits_of(LogEvent::wait_failed).name == "wait_failed");
  CHECK(traits_of(LogField::source).name == "GNOMON_SOURCE");
  CHECK(traits_of(LogField::version).name == "GNOMON_VERSION");
}

// People filter by them: whoever changes one must mean it.
TEST_CASE("MESSAGE_IDs stay") {
  CHECK(traits_of(LogEvent::selected_source).message_id == "78ed24fdf7814d1683752ac6a481900b");
  CHECK(traits_of(LogEvent::source_unreachable).message_id == "e4cebaa6267a42e69a0207547186dedf");
  CHECK(traits_of(LogEvent::ke_failed).message_id == "b6dfd670e4a34daaacc406d4ff18e48a");
  CHECK(traits_of(LogEvent::clock_stepped).message_id == "52b905b70e9f4d34b92e0f909ba47b52");
  CHECK(traits_of(LogEvent::fatal_error).message_id == "5ffda784f1a4436099c48addc25c21b7");
}

TEST_CASE("every event is explained in sentences that fit a catalog") {
  for (std::size_t i = 0; i < words.size(); ++i) {
    INFO(nth(i).name);
    const auto& w = words.at(i);
    CHECK(w.title.size() > 8);
    CHECK(w.title.size() <= 60);
    CHECK(w.title.back() != '.');
    CHECK(is_sentence(w.cause));
    CHECK(is_sentence(w.effect));
    CHECK(is_sentence(w.remedy));
    for (const auto text : {w.title, w.cause, w.effect, w.remedy}) {
      CHECK(text.size() <= 250);
      // '@' begins a field in a catalog.
      CHECK(text.find_first_of("@\n") == std::string_view::npos);
    }
  }
}

TEST_CASE("an error asks for something to be done") {
  for (std::size_t i = 0; i < words.size(); ++i) {
    INFO(nth(i).name);
    if (nth(i).level <= LogLevel::error) CHECK_FALSE(words.at(i).remedy.starts_with("Nothing"));
  }
}
