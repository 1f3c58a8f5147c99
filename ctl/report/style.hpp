// SPDX-License-Identifier: GPL-2.0-or-later
// How a report looks: the one style sheet of the page, in light and in dark.
#pragma once

#include <string_view>

namespace gnomon::ctl {

// CSS without anything from elsewhere, and without characters that mean something to HTML.
[[nodiscard]] std::string_view report_style();

}  // namespace gnomon::ctl
