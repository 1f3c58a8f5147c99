// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <string_view>

#include "ctl/render/cells.hpp"
#include "ctl/render/render.hpp"
#include "ctl/render/source_state.hpp"
#include "ctl/render/source_table.hpp"

namespace gnomon::ctl {

namespace {

constexpr std::string_view sources_legend = R"(
  .-- Source mode  '^' = server, '=' = peer, '#' = local clock.
 / .- Source state '*' = current best, '+' = combined, '-' = not combined,
| /             'x' = may be in error, '~' = too variable, '?' = unusable.
)";
constexpr std::string_view sources_column_legend =
    R"(||                                                 .- xxxx [ yyyy ] +/- zzzz
||      Reachability register (octal) -.           |  xxxx = adjusted offset,
||      Log2(Polling interval) --.      |          |  yyyy = measured offset,
||                                \     |          |  zzzz = estimated error.
||                                 |    |           \
)";

constexpr std::string_view sources_titles =
    "MS Name/IP address         Stratum Poll Reach LastRx Last sample               \n";

char mode_letter(std::string_view kind) {
  if (kind == "refclock") return '#';
  return kind == "peer" ? '=' : '^';
}

std::string sources_row(const Record& source, const View& view) {
  const double adjusted = source.number("adjusted_offset"), measured = source.number("measured_offset"),
               error = source.number("error");
  const char mode = mode_letter(source.text("kind")), state = state_letter(source.text("state"));
  const auto name = source_name(source, view.naming, source_name_width + view.wider);
  const auto stratum = source.integer("stratum"), poll = source.integer("poll"),
             reach = source.integer("reach");
  const auto last = source.optional_number("last_rx");
  if (view.csv)
    return fmt::format("{},{},{},{},{},{:o},{},{:.9f},{:.9f},{:.9f}\n", mode, state, name, stratum, poll,
                       reach, age_csv(last), adjusted, measured, error);
  return fmt::format("{}{} {:<{}}  {:2}  {:2}   {:3o}  {}  {}[{}] +/- {}\n", mode, state, name,
                     27 + view.wider, stratum, poll, reach, age_cell(last), offset_cell(adjusted),
                     offset_cell(measured), length_cell(error));
}

}  // namespace

std::string render_sources(const Reply& reply, const View& view) {
  constexpr SourceTable table{.legend = sources_legend,
                              .column_legend = sources_column_legend,
                              .frame = 4,
                              .titles = sources_titles,
                              .behind_name = 26,
                              .row = sources_row};
  return render_table(table, reply, view);
}

}  // namespace gnomon::ctl
