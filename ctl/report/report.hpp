// SPDX-License-Identifier: GPL-2.0-or-later
// The command report: everything that is kept of a time, as a page in a file.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "ctl/report/ask.hpp"

namespace gnomon::ctl {

struct ReportWish {
  std::optional<double> since{};  // seconds since 1970; none: 24 hours ago
  std::string file{};             // "-": standard output
};

struct ReportContext {
  double now = 0;  // seconds since 1970
  bool utc = false;
  std::string host;
  std::string version;
  AskDaemon ask;
};

// The page. Error: a sentence. Throws ReplyFault.
[[nodiscard]] std::expected<std::string, std::string> make_report(const ReportWish& wish,
                                                                  const ReportContext& context);

// Whole or not at all; a device or a pipe is written to. Error: a sentence.
[[nodiscard]] std::expected<void, std::string> write_report(const std::string& file, const std::string& page);

}  // namespace gnomon::ctl
