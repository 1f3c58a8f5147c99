// SPDX-License-Identifier: GPL-2.0-or-later
// `gnomonctl check-config`: everything that can be found wrong with a configuration without starting gnomond,
// without rights and without a running daemon.
#pragma once

#include <string>

namespace gnomon::ctl {

struct CheckOptions {
  std::string file;
  bool resolve = false;  // look the names of the sources up
  bool json = false;
};
struct CheckResult {
  std::string text;
  int status = 0;  // 0: no mistakes, 1: warnings, 2: errors
};
[[nodiscard]] CheckResult check_config(const CheckOptions& options);

}  // namespace gnomon::ctl
