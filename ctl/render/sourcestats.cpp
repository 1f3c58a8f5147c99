// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <cmath>
#include <string_view>

#include "ctl/render/cells.hpp"
#include "ctl/render/render.hpp"
#include "ctl/render/source_table.hpp"

namespace gnomon::ctl {

namespace {

constexpr std::string_view sourcestats_column_legend = R"(
                                                     Spread of the samples --.
                                    Estimated offset of the clock --.        |
                        Uncertainty of the frequency, ppm --.       |        |
                     Frequency error left, ppm --.          |       |        |
       From oldest to newest sample --.          |          |       |        |
             Runs of one sign --.     |          |          |       |        |
             Samples kept --.   |     |          |          |       |        |
)";

constexpr std::string_view sourcestats_titles =
    "Name/IP Address            NP  NR  Span  Frequency  Freq Skew  Offset  Std Dev\n";

std::string sourcestats_row(const Record& source, const View& view) {
  const auto name = source_name(source, view.naming, source_name_width + view.wider);
  const auto samples = source.integer("samples"), runs = source.integer("runs");
  const double span = std::round(source.number("span")), frequency = source.number("residual_frequency"),
               skew = source.number("skew"), offset = source.number("estimated_offset"),
               deviation = source.number("standard_deviation");
  if (view.csv)
    return fmt::format("{},{},{},{},{:.3f},{:.3f},{:.9f},{:.9f}\n", name, samples, runs, age_csv(span),
                       frequency, skew, offset, deviation);
  return fmt::format("{:<{}} {:3} {:3}  {} {} {}  {}  {}\n", name, 25 + view.wider, samples, runs,
                     age_cell(span), signed_frequency_cell(frequency), frequency_cell(skew),
                     offset_cell(offset), length_cell(deviation));
}

}  // namespace

std::string render_sourcestats(const Reply& reply, const View& view) {
  constexpr SourceTable table{.column_legend = sourcestats_column_legend,
                              .titles = sourcestats_titles,
                              .behind_name = 24,
                              .row = sourcestats_row};
  return render_table(table, reply, view);
}

}  // namespace gnomon::ctl
