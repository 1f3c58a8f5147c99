// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <ctime>

#include "ctl/render/record.hpp"
#include "ctl/render/render.hpp"

namespace gnomon::ctl {

namespace {

std::string date_and_time(double seconds_since_1970) {
  const auto whole = static_cast<std::time_t>(seconds_since_1970);
  std::tm date{};
  gmtime_r(&whole, &date);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", date.tm_year + 1900, date.tm_mon + 1,
                     date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec);
}

}  // namespace

std::string render_manual_list(const Reply& reply, const View& view) {
  const Record record(reply);
  const auto entries = record.records("entries");
  std::string text;
  if (!view.csv)
    text = fmt::format(
        "210 n_samples = {}\n"
        "#    Date     Time(UTC)    Slewed   Original   Residual\n"
        "=======================================================\n",
        entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Record& entry = entries[i];
    if (view.csv)
      text += fmt::format("{},{:.9f},{:.9f},{:.9f},{:.9f}\n", i, entry.number("time"), entry.number("slewed"),
                          entry.number("original"), entry.number("residual"));
    else
      text += fmt::format("{:2} {} {:10.2f} {:10.2f} {:10.2f}\n", i, date_and_time(entry.number("time")),
                          entry.number("slewed"), entry.number("original"), entry.number("residual"));
  }
  return text;
}

std::string render_set_time(const Reply& reply, const View& view) {
  const Record record(reply);
  const double offset = record.number("offset"), change = record.number("frequency_change"),
               frequency = record.number("frequency");
  if (view.csv) return fmt::format("{:.9f},{:.3f},{:.3f}\n", offset, change, frequency);
  return fmt::format(
      "200 OK\n"
      "Clock was {:.2f} seconds fast.  Frequency change = {:.2f}ppm, new frequency = {:.2f}ppm\n",
      offset, change, frequency);
}

}  // namespace gnomon::ctl
