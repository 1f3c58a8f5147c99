// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/choice.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <thread>

#include <fmt/format.h>

namespace gnomon::bench {

namespace {

using simulation::Polling;

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool take(Choice& choice, std::string_view option, std::string_view value, const TakeOption& take_other) {
  if (option == "--seeds") {
    const auto dash = value.find('-');
    choice.first_seed = choice.last_seed = number(value.substr(0, dash));
    if (dash != std::string_view::npos) choice.last_seed = number(value.substr(dash + 1));
  } else if (option == "--poll") {
    choice.pollings = {value == "4"    ? Polling::every_16_s
                       : value == "6"  ? Polling::every_64_s
                       : value == "10" ? Polling::every_1024_s
                                       : Polling::by_default};
  } else if (!take_other(option, value)) {
    return false;
  }
  return choice.last_seed >= choice.first_seed;
}

}  // namespace

bool Choice::wants(const std::string& name) const {
  return names.empty() || std::ranges::find(names, name) != names.end();
}

const char* word(Polling polling) {
  switch (polling) {
    case Polling::every_16_s:
      return "4";
    case Polling::every_64_s:
      return "6";
    case Polling::every_1024_s:
      return "10";
    case Polling::by_default:
      break;
  }
  return "default";
}

bool read_choice(Choice& choice, const std::vector<std::string>& arguments, const TakeOption& take_other,
                 const char* usage) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (!arguments[i].starts_with("--")) {
      choice.names.push_back(arguments[i]);
    } else if (i + 1 == arguments.size() || !take(choice, arguments[i], arguments[i + 1], take_other)) {
      fmt::print(stderr, "usage: {}\n", usage);
      return false;
    } else {
      ++i;
    }
  }
  return true;
}

void work_in_pairs(std::size_t count, const std::function<void(std::size_t)>& work) {
  constexpr int workers = 2;
  std::atomic<std::size_t> next = 0;
  std::vector<std::jthread> threads;
  threads.reserve(workers);
  for (int i = 0; i < workers; ++i)
    threads.emplace_back([&] {
      for (std::size_t k = next++; k < count; k = next++) work(k);
    });
}

}  // namespace gnomon::bench
