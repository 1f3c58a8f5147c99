// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/line_editor/line_editor.hpp"

#include <histedit.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <utility>

namespace gnomon::ctl {

namespace {

constexpr int remembered_lines = 500;

struct EndEditing {
  void operator()(EditLine* editing) const { el_end(editing); }
};
struct EndHistory {
  void operator()(History* history) const { history_end(history); }
};

// What all of them begin with.
std::string common_beginning(const std::vector<std::string>& words) {
  auto common = words.front();
  for (const auto& word : words) {
    const auto [end, other] = std::ranges::mismatch(common, word);
    common.erase(end, common.end());
  }
  return common;
}

void list(const std::vector<std::string>& words) {
  std::string text = "\n";
  for (const auto& word : words) text += word + "  ";
  text += '\n';
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace

struct LineEditor::State {
  const char* prompt;
  Complete complete;
  std::unique_ptr<History, EndHistory> history{history_init()};
  std::unique_ptr<EditLine, EndEditing> editing{el_init("gnomonctl", stdin, stdout, stderr)};

  static State& of(EditLine* editing) {
    void* state = nullptr;
    el_get(editing, EL_CLIENTDATA, &state);
    return *static_cast<State*>(state);
  }
  static char* prompt_of(EditLine* editing) {
    return const_cast<char*>(of(editing).prompt);  // NOLINT: the interface of libedit, which only reads
  }
  // Tab: what is unambiguous is inserted; where nothing is, the words are listed.
  static unsigned char on_tab(EditLine* editing, int /*key*/) {
    const auto* const line = el_line(editing);
    const std::string_view before{line->buffer, static_cast<std::size_t>(line->cursor - line->buffer)};
    const auto words = of(editing).complete(before);
    if (words.empty()) return CC_REFRESH_BEEP;
    const auto begun = before.size() - std::min(before.find_last_of(' ') + 1, before.size());
    auto rest = common_beginning(words).substr(begun);
    if (words.size() == 1) rest += ' ';
    if (!rest.empty()) return el_insertstr(editing, rest.c_str()) == 0 ? CC_REFRESH : CC_REFRESH_BEEP;
    list(words);
    return CC_REDISPLAY;
  }
};

LineEditor::LineEditor(const char* prompt, Complete complete)
    : state_(std::make_unique<State>(prompt, std::move(complete))) {
  auto* const editing = state_->editing.get();
  auto* const past = state_->history.get();
  if (editing == nullptr || past == nullptr) throw std::runtime_error{"the terminal cannot be used"};
  HistEvent event{};
  history(past, &event, H_SETSIZE, remembered_lines);
  history(past, &event, H_SETUNIQUE, 1);
  el_set(editing, EL_CLIENTDATA, state_.get());
  el_set(editing, EL_PROMPT, &State::prompt_of);
  el_set(editing, EL_SIGNAL, 1);
  el_set(editing, EL_EDITOR, "emacs");
  el_set(editing, EL_HIST, history, past);
  el_set(editing, EL_ADDFN, "complete", "Complete the word", &State::on_tab);
  el_set(editing, EL_BIND, "^I", "complete", nullptr);
  el_set(editing, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_source(editing, nullptr);  // the user's ~/.editrc
}

LineEditor::~LineEditor() = default;

std::optional<std::string> LineEditor::next() {
  int size = 0;
  const char* const read = el_gets(state_->editing.get(), &size);
  if (read == nullptr || size <= 0) {
    std::fputc('\n', stdout);
    return std::nullopt;
  }
  std::string line{read, static_cast<std::size_t>(size)};
  if (line.ends_with('\n')) line.pop_back();
  HistEvent event{};
  if (line.find_first_not_of(" \t") != line.npos)
    history(state_->history.get(), &event, H_ENTER, line.c_str());
  return line;
}

}  // namespace gnomon::ctl
