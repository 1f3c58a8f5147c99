// SPDX-License-Identifier: GPL-2.0-or-later
// What is wrong with a configuration, and where.
#pragma once

#include <string>

namespace gnomon::config {

struct Place {
  std::string file;  // empty: a directive from the command line
  int line = 0;      // from 1
  int column = 0;    // from 1, of the offending word
};
struct Diagnostic {
  Place place;
  std::string word;     // the offending word
  std::string message;  // what is wrong, as a sentence without a full stop
  std::string nearest;  // the nearest valid word, empty if none is near
};
// "gnomon.conf:3:12: unknown option 'ibrust' in server directive, did you mean 'iburst'?"; without a file it
// begins "argument 3, column 12: ".
[[nodiscard]] std::string to_text(const Diagnostic& diagnostic);

}  // namespace gnomon::config
