// SPDX-License-Identifier: GPL-2.0-or-later
#include "docs/man/page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace gnomon::man {

namespace {

class Expansion {
 public:
  explicit Expansion(const Tables& tables) : tables_{tables} {}

  void take(std::string_view line) {
    if (!line.starts_with('@'))
      into() += fmt::format("{}\n", line);
    else if (line.starts_with("@table "))
      begin(std::string{line.substr(7)});
    else if (line == "@end")
      end();
    else
      words_of(line.substr(1));
  }

  std::string finish() {
    if (open_) throw std::runtime_error("a table of the page has no @end");
    return std::move(page_);
  }

 private:
  std::string& into() { return open_ && words_ != nullptr ? *words_ : page_; }

  void begin(const std::string& name) {
    if (open_) throw std::runtime_error(fmt::format("table {} begins inside another", name));
    const auto found = tables_.find(name);
    if (found == tables_.end()) throw std::runtime_error(fmt::format("there is no table {}", name));
    open_ = found->second;
  }

  void words_of(std::string_view name) {
    if (!open_) throw std::runtime_error(fmt::format("@{} stands outside of a table", name));
    const auto item = std::ranges::find(*open_, name, &Item::name);
    if (item == open_->end()) throw std::runtime_error(fmt::format("no such thing in the table: {}", name));
    words_ = &item->text;
  }

  void end() {
    if (!open_) throw std::runtime_error("@end without @table");
    for (const auto& item : *open_) page_ += item.text + item.rest;
    open_.reset();
    words_ = nullptr;
  }

  const Tables& tables_;
  std::string page_;
  std::optional<Items> open_;
  std::string* words_ = nullptr;
};

}  // namespace

std::string escaped(std::string_view text) {
  std::string out = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
  bool is_literal = false;  // between two backticks, which the tables share with other documents
  for (const char c : text) {
    if (c == '`') {
      is_literal = !is_literal;
      out += is_literal ? "\\fB" : "\\fR";
    } else if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out;
}

std::string expand(std::string_view page, const Tables& tables) {
  Expansion expansion{tables};
  while (!page.empty()) {
    const auto end = std::min(page.find('\n'), page.size());
    expansion.take(page.substr(0, end));
    page.remove_prefix(std::min(end + 1, page.size()));
  }
  return expansion.finish();
}

}  // namespace gnomon::man
