// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <string_view>

#include "ctl/render/cells.hpp"
#include "ctl/render/render.hpp"
#include "ctl/render/source_table.hpp"

namespace gnomon::ctl {

namespace {

constexpr std::string_view authdata_column_legend = R"(
                                            Length of the next cookie --.
                                                    Cookies held --.    |
                                            NAKs since then --.    |    |
                                   Attempts since then --.    |    |    |
                     Age of the last key exchange --.    |    |    |    |
                     Length of the key, bits --.    |    |    |    |    |
               Algorithm, IANA's number --.    |    |    |    |    |    |
    Key number; NTS: key exchanges --.    |    |    |    |    |    |    |
   NTS, or SK: symmetric key --.     |    |    |    |    |    |    |    |
)";

constexpr std::string_view authdata_titles =
    "Name/IP address             Mode KeyID Type KLen Last Atmp  NAK Cook CLen\n";

std::string_view mode_text(std::string_view mode) {
  if (mode == "nts") return "NTS";
  if (mode == "symmetric") return "SK";
  return "-";
}

std::string authdata_row(const Record& source, const View& view) {
  const auto name = source_name(source, view.naming, source_name_width + view.wider);
  const std::string mode(mode_text(source.text("mode")));
  const auto key = source.integer("key_id"), type = source.integer("key_type"),
             length = source.integer("key_length"), attempts = source.integer("ke_attempts"),
             naks = source.integer("naks"), cookies = source.integer("cookies"),
             cookie_length = source.integer("cookie_length");
  const auto last = source.optional_number("last_ke");
  if (view.csv)
    return fmt::format("{},{},{},{},{},{},{},{},{},{}\n", name, mode, key, type, length, age_csv(last),
                       attempts, naks, cookies, cookie_length);
  return fmt::format("{:<{}} {:>4} {:5} {:4} {:4} {} {:4} {:4} {:4} {:4}\n", name, 27 + view.wider, mode, key,
                     type, length, age_cell(last), attempts, naks, cookies, cookie_length);
}

}  // namespace

std::string render_authdata(const Reply& reply, const View& view) {
  constexpr SourceTable table{.column_legend = authdata_column_legend,
                              .titles = authdata_titles,
                              .behind_name = 26,
                              .row = authdata_row};
  return render_table(table, reply, view);
}

}  // namespace gnomon::ctl
