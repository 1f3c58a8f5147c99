// SPDX-License-Identifier: GPL-2.0-or-later
// Lines typed at a terminal, with editing, history and completion (libedit). Owned by the run.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gnomon::ctl {

class LineEditor {
 public:
  // The words that may take the place of the last one of a line that ends at the cursor.
  using Complete = std::function<std::vector<std::string>(std::string_view line)>;
  // `prompt` outlives it. On standard input and output, which are a terminal. Throws std::runtime_error.
  LineEditor(const char* prompt, Complete complete);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  // Without its end; nullopt: there is none, as after Ctrl-D.
  [[nodiscard]] std::optional<std::string> next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gnomon::ctl
