// SPDX-License-Identifier: GPL-2.0-or-later
// Which sources are believed, and how they are combined.
#include <array>
#include <utility>

#include "config/directives.hpp"

namespace gnomon::config {

namespace {

constexpr std::array auth_select_modes{
    base::EnumWord{AuthSelectMode::require, "require"}, base::EnumWord{AuthSelectMode::prefer, "prefer"},
    base::EnumWord{AuthSelectMode::mix, "mix"}, base::EnumWord{AuthSelectMode::ignore, "ignore"}};

constexpr std::array selection_table{
    Directive{{.name = "authselectmode",
               .arguments = "require|prefer|mix|ignore",
               .default_value = "mix",
               .text = "How authenticated and unauthenticated sources are used together.",
               .at_run_time = true},
              [](ParseState& s, Arguments& a) {
                if (const auto mode = a.choice(auth_select_modes))
                  s.config.selection.auth_select_mode = *mode;
              }},
    Directive{{.name = "combinelimit",
               .arguments = "FACTOR",
               .default_value = "3",
               .text = "Combines sources whose distance is less than this many times that of the best; 0 "
                       "uses the best alone.",
               .range = not_negative,
               .at_run_time = true},
              [](ParseState& s, Arguments& a) { s.config.selection.combine_limit = a.real(); }},
    Directive{{.name = "maxdistance",
               .arguments = "SECONDS",
               .default_value = "3",
               .text = "Does not select a source with a larger root distance.",
               .range = not_negative,
               .at_run_time = true},
              [](ParseState& s, Arguments& a) { s.config.selection.max_distance = a.seconds(); }},
    Directive{{.name = "maxjitter",
               .arguments = "SECONDS",
               .default_value = "1",
               .text = "Does not select a source with a larger jitter.",
               .range = not_negative,
               .at_run_time = true},
              [](ParseState& s, Arguments& a) { s.config.selection.max_jitter = a.seconds(); }},
    Directive{{.name = "maxstratum",
               .arguments = "STRATUM",
               .default_value = "15",
               .text = "Does not select a source with a higher stratum.",
               .range = count_range,
               .at_run_time = true},
              [](ParseState& s, Arguments& a) { s.config.selection.max_stratum = a.stratum(); }},
    Directive{{.name = "minstratum",
               .arguments = "STRATUM",
               .default_value = "0",
               .text = "Does not select a source with a lower stratum.",
               .range = count_range,
               .at_run_time = true},
              [](ParseState& s, Arguments& a) { s.config.selection.min_stratum = a.stratum(); }},
    Directive{{.name = "minsources",
               .arguments = "COUNT",
               .default_value = "1",
               .text = "Does not update the clock unless this many sources are selectable.",
               .range = {1, whole_max},
               .at_run_time = true},
              [](ParseState& s, Arguments& a) { s.config.selection.min_sources = a.integer<int>(); }},
    Directive{
        {.name = "reselectdist",
         .arguments = "SECONDS",
         .default_value = "0.0001",
         .text = "Adds this to the distance of sources that are not selected, to avoid frequent changes.",
         .range = not_negative,
         .at_run_time = true},
        [](ParseState& s, Arguments& a) { s.config.selection.reselect_distance = a.seconds(); }},
    Directive{{.name = "stratumweight",
               .arguments = "SECONDS",
               .default_value = "0.001",
               .text = "Adds this to the distance for every stratum above the lowest.",
               .range = not_negative,
               .at_run_time = true},
              [](ParseState& s, Arguments& a) { s.config.selection.stratum_weight = a.seconds(); }},
    Directive{{.name = "maxsamples",
               .arguments = "SAMPLES",
               .default_value = "0",
               .text = "Keeps at most this many measurements of a source; 0 means no limit.",
               .range = count_range},
              [](ParseState& s, Arguments& a) { s.config.selection.max_samples = a.integer<int>(); }},
    Directive{{.name = "minsamples",
               .arguments = "SAMPLES",
               .default_value = "6",
               .text = "Keeps at least this many measurements of a source.",
               .range = count_range},
              [](ParseState& s, Arguments& a) { s.config.selection.min_samples = a.integer<int>(); }},
};

}  // namespace

std::span<const Directive> selection_directives() {
  return selection_table;
}

}  // namespace gnomon::config
