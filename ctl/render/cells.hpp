// SPDX-License-Identifier: GPL-2.0-or-later
// The cells of chronyc's tables: numbers, ages, times and words as text of the width its columns have.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gnomon::ctl {

// Four characters: seconds, or minutes, hours, days, years with their letter; "   -" for never.
[[nodiscard]] std::string age_cell(std::optional<double> seconds);
// In CSV an age is whole seconds, and never is 4294967295.
[[nodiscard]] std::string age_csv(std::optional<double> seconds);

// Six characters, ns to years, without the sign.
[[nodiscard]] std::string length_cell(double seconds);
// Seven characters, with the sign.
[[nodiscard]] std::string offset_cell(double seconds);

// Ten characters of ppm.
[[nodiscard]] std::string frequency_cell(double ppm);
[[nodiscard]] std::string signed_frequency_cell(double ppm);

// "Fri Jan 27 09:49:17 2017" in UTC.
[[nodiscard]] std::string date_text(double seconds_since_1970);

// The four octets as hexadecimal digits, and those of them that are ASCII as text ("GPS").
[[nodiscard]] std::string reference_id_hex(std::int64_t id);
[[nodiscard]] std::string reference_id_text(std::int64_t id);

[[nodiscard]] std::string leap_text(std::string_view leap);
[[nodiscard]] std::string yes_no(bool value);
// "kernel" to "Kernel"
[[nodiscard]] std::string capitalised(std::string word);

}  // namespace gnomon::ctl
