// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/replay/layout.hpp"

#include <optional>

#include "base/number.hpp"

namespace gnomon::engine::replay {

namespace {

// Both are passed over type by type. What is malformed fits nothing.
class Comparison {
 public:
  Comparison(std::string_view written, std::string_view ours) : written_(written), ours_(ours) {}
  [[nodiscard]] bool fits() { return type() && written_.empty() && ours_.empty(); }

 private:
  [[nodiscard]] bool type();
  [[nodiscard]] bool types_until(char end);
  [[nodiscard]] bool same_number();
  [[nodiscard]] bool enough_enumerators();
  [[nodiscard]] static bool skip_type(std::string_view& text);

  std::string_view written_;
  std::string_view ours_;
  int depth_ = 0;
};

constexpr int deepest = 64;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool Comparison::same_number() {
  std::size_t digits = 0;
  while (digits < written_.size() && is_digit(written_[digits])) ++digits;
  const auto number = written_.substr(0, digits);
  const bool same =
      digits > 0 && ours_.starts_with(number) && (ours_.size() == digits || !is_digit(ours_[digits]));
  if (!same) return false;
  written_.remove_prefix(digits);
  ours_.remove_prefix(digits);
  return true;
}

// ":N" of both. Ours may have more of them; theirs may be of before they were counted.
bool Comparison::enough_enumerators() {
  const auto take = [](std::string_view& text) -> std::optional<std::size_t> {
    if (!text.starts_with(':')) return 0;
    std::size_t digits = 1;
    while (digits < text.size() && is_digit(text[digits])) ++digits;
    const auto count = base::parse_number<std::size_t>(text.substr(1, digits - 1));
    text.remove_prefix(digits);
    return count;
  };
  const auto theirs = take(written_);
  const auto count = take(ours_);
  return theirs && count && *theirs <= *count;
}

// Ours may have more of them.
bool Comparison::types_until(char end) {
  while (!written_.starts_with(end))
    if (ours_.starts_with(end) || !type()) return false;
  written_.remove_prefix(1);
  while (!ours_.starts_with(end))
    if (!skip_type(ours_)) return false;
  ours_.remove_prefix(1);
  return true;
}

bool Comparison::type() {
  if (written_.empty() || ours_.empty() || written_.front() != ours_.front() || depth_ == deepest)
    return false;
  const char kind = written_.front();
  written_.remove_prefix(1);
  ours_.remove_prefix(1);
  ++depth_;
  const auto inner = [&] {
    if (kind == 'f' || kind == 'u' || kind == 'i') return same_number();
    if (kind == 'e') return same_number() && enough_enumerators();
    if (kind == 's' || kind == 'a' || kind == 'p') return true;
    if (kind == 'd' || kind == 't' || kind == '?' || kind == '*') return type();
    if (kind == 'm') return type() && type();
    if (kind == '#') return same_number() && type();
    if (kind == '{') return types_until('}');
    return kind == '|' && types_until('|');
  };
  const bool fits = inner();
  --depth_;
  return fits;
}

// By comparing it with itself.
bool Comparison::skip_type(std::string_view& text) {
  Comparison itself{text, text};
  if (!itself.type()) return false;
  text = itself.ours_;
  return true;
}

}  // namespace

bool can_read(std::string_view written, std::string_view ours) {
  return Comparison{written, ours}.fits();
}

}  // namespace gnomon::engine::replay
