// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <cmath>

#include "ctl/render/cells.hpp"
#include "ctl/render/render.hpp"

namespace gnomon::ctl {

namespace {

constexpr std::size_t reference_name_width = 50;

// The server in use; a reference without address is called by the letters of its ID, if it has any.
std::string reference_name(const Record& tracking, const View& view) {
  return address_name(tracking, view.naming, reference_name_width,
                      reference_id_text(tracking.integer("reference_id")));
}

std::string tracking_csv(const Record& tracking, const View& view) {
  return fmt::format("{},{},{},{:.9f},{:.9f},{:.9f},{:.9f},{:.3f},{:.3f},{:.3f},{:.9f},{:.9f},{:.1f},{}\n",
                     reference_id_hex(tracking.integer("reference_id")), reference_name(tracking, view),
                     tracking.integer("stratum"), tracking.number("reference_time"),
                     tracking.number("system_time"), tracking.number("last_offset"),
                     tracking.number("rms_offset"), tracking.number("frequency"),
                     tracking.number("residual_frequency"), tracking.number("skew"),
                     tracking.number("root_delay"), tracking.number("root_dispersion"),
                     tracking.number("update_interval"), leap_text(tracking.text("leap")));
}

std::string reference_lines(const Record& tracking, const View& view) {
  return fmt::format(
      "Reference ID    : {} ({})\n"
      "Stratum         : {}\n"
      "Ref time (UTC)  : {}\n",
      reference_id_hex(tracking.integer("reference_id")), reference_name(tracking, view),
      tracking.integer("stratum"), date_text(tracking.number("reference_time")));
}

std::string clock_lines(const Record& tracking) {
  const double remaining = tracking.number("system_time"), frequency = tracking.number("frequency");
  return fmt::format(
      "System time     : {:.9f} seconds {} of NTP time\n"
      "Last offset     : {:+.9f} seconds\n"
      "RMS offset      : {:.9f} seconds\n"
      "Frequency       : {:.3f} ppm {}\n"
      "Residual freq   : {:+.3f} ppm\n"
      "Skew            : {:.3f} ppm\n",
      std::fabs(remaining), remaining > 0 ? "slow" : "fast", tracking.number("last_offset"),
      tracking.number("rms_offset"), std::fabs(frequency), frequency > 0 ? "fast" : "slow",
      tracking.number("residual_frequency"), tracking.number("skew"));
}

std::string root_lines(const Record& tracking) {
  return fmt::format(
      "Root delay      : {:.9f} seconds\n"
      "Root dispersion : {:.9f} seconds\n"
      "Update interval : {:.1f} seconds\n"
      "Leap status     : {}\n",
      tracking.number("root_delay"), tracking.number("root_dispersion"), tracking.number("update_interval"),
      leap_text(tracking.text("leap")));
}

}  // namespace

std::string render_tracking(const Reply& reply, const View& view) {
  const Record tracking(reply);
  if (view.csv) return tracking_csv(tracking, view);
  const auto trouble = tracking.optional_text("trouble");
  return reference_lines(tracking, view) + clock_lines(tracking) + root_lines(tracking) +
         (trouble ? fmt::format("Trouble         : {}\n", *trouble) : "");
}

}  // namespace gnomon::ctl
