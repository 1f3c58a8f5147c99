// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <string_view>

#include "ctl/render/cells.hpp"
#include "ctl/render/render.hpp"
#include "ctl/render/source_table.hpp"

namespace gnomon::ctl {

namespace {

constexpr std::string_view selectdata_legend = R"(
  .-- State: N - noselect, s - unsynchronised, M - missing samples,
 /           d/D - large distance, ~ - jittery, w/W - waits for others,
|            S - stale, O - orphan, T - not trusted, P - not preferred,
|            r - stratum out of range, p - provisional, x - falseticker,
|            + - combined, * - best.
)";
constexpr std::string_view selectdata_column_legend =
    R"(|   Effective options   ---------.  (N - noselect, P - prefer
|   Configured options  ----.     \  T - trust, R - require)
|   Auth. enabled (Y/N) -.   \     \     Offset interval --.
|                        |    |     |                       |
)";

constexpr std::string_view selectdata_titles =
    "S Name/IP Address        Auth COpts EOpts Last Score     Interval  Leap\n";

struct Option {
  std::string_view name;
  char letter;
};
constexpr std::array options{Option{"noselect", 'N'}, Option{"prefer", 'P'}, Option{"trust", 'T'},
                             Option{"require", 'R'}};

// chronyc has a fifth place that is never taken.
std::array<char, 5> letters(const std::vector<std::string>& words) {
  std::array<char, 5> result{'-', '-', '-', '-', '-'};
  for (std::size_t i = 0; i < options.size(); ++i)
    if (std::ranges::find(words, options[i].name) != words.end()) result[i] = options[i].letter;
  return result;
}

char leap_letter(std::string_view leap) {
  if (leap == "normal") return 'N';
  if (leap == "insert_second") return '+';
  return leap == "delete_second" ? '-' : '?';
}

std::string selectdata_row(const Record& source, const View& view) {
  const auto name = source_name(source, view.naming, source_name_width + view.wider);
  const auto state = source.text("state"), leap = source.text("leap");
  const char authenticated = source.truth("authentication") ? 'Y' : 'N';
  const auto configured = letters(source.texts("configured_options")),
             effective = letters(source.texts("effective_options"));
  const auto last = source.optional_number("last_sample");
  const double score = source.number("score"), low = source.number("low"), high = source.number("high");
  if (view.csv)
    return fmt::format("{},{},{},{},{},{},{:.1f},{:.9f},{:.9f},{}\n", state, name, authenticated,
                       fmt::join(configured, ","), fmt::join(effective, ","), last ? age_csv(last) : "0",
                       score, low, high, leap_text(leap));
  return fmt::format("{} {:<{}} {} {} {} {} {:5.1f} {} {}  {}\n", state, name, 25 + view.wider, authenticated,
                     fmt::join(configured, ""), fmt::join(effective, ""), age_cell(last.value_or(0)), score,
                     offset_cell(low), offset_cell(high), leap_letter(leap));
}

}  // namespace

std::string render_selectdata(const Reply& reply, const View& view) {
  constexpr SourceTable table{.legend = selectdata_legend,
                              .column_legend = selectdata_column_legend,
                              .frame = 1,
                              .titles = selectdata_titles,
                              .behind_name = 24,
                              .row = selectdata_row};
  return render_table(table, reply, view);
}

// chronyc prints names alone, of one source.
std::string render_sourcename(const Reply& reply, const View& /*view*/) {
  std::string text;
  for (const Record& source : Record(reply).records("sources")) text += source.text("name") + '\n';
  return text;
}

}  // namespace gnomon::ctl
