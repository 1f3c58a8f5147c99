// SPDX-License-Identifier: GPL-2.0-or-later
// The arguments of ratelimit, ntsratelimit and cmdratelimit.
#include <algorithm>
#include <array>

#include "config/directives.hpp"

namespace gnomon::config {

namespace {

constexpr Range accepted{-32, 255};  // what chrony accepts; each option brings it to what makes sense

constexpr std::array limit_options{
    OptionOf<RateLimit>{
        {.name = "interval",
         .arguments = "LOG2",
         .text = "The time between two answers to one client, a power of two in seconds, -19 to 12.",
         .range = accepted},
        [](RateLimit& l, Arguments& a) { l.interval = a.log2_seconds(-19, 12); }},
    OptionOf<RateLimit>{{.name = "burst",
                         .arguments = "N",
                         .default_value = "8",
                         .text = "How many requests are answered before the limit applies, 1 to 255.",
                         .range = accepted},
                        [](RateLimit& l, Arguments& a) { l.burst = std::clamp(a.integer<int>(), 1, 255); }},
    OptionOf<RateLimit>{
        {.name = "leak",
         .arguments = "LOG2",
         .default_value = "2",
         .text = "One in 2^leak requests above the limit is answered anyway, at random, 1 to 4.",
         .range = accepted},
        [](RateLimit& l, Arguments& a) { l.leak = std::clamp(a.integer<int>(), 1, 4); }},
    OptionOf<RateLimit>{
        {.name = "kod",
         .arguments = "LOG2",
         .default_value = "0",
         .text = "One in 2^kod requests above the limit gets the answer to slow down, 1 to 4; 0 means none.",
         .range = accepted},
        [](RateLimit& l, Arguments& a) { l.kod = std::clamp(a.integer<int>(), 0, 4); }},
};
constexpr std::span<const OptionOf<RateLimit>> all_options{limit_options};
constexpr auto without_kod = all_options.first(limit_options.size() - 1);

}  // namespace

std::vector<Row> rate_limit_rows() {
  return rows_of(all_options);
}

std::vector<Row> rate_limit_rows_without_kod() {
  return rows_of(without_kod);
}

void read_rate_limit(std::optional<RateLimit>& limit, const RateLimit& defaults, bool kod,
                     Arguments& arguments) {
  auto result = limit.value_or(defaults);  // a second line changes only what it names
  read_options(result, kod ? all_options : without_kod, "", arguments, nullptr);
  limit = result;
}

}  // namespace gnomon::config
