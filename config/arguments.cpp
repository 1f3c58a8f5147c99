// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/number.hpp"

namespace gnomon::config {

namespace {

// chrony takes a plus sign.
template <typename Number>
std::optional<Number> to_number(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  return base::parse_number<Number>(text);
}

// The largest numbers of all are not worth a word, unless one is too large.
std::string wanted_number(std::string_view kind, Range range, std::optional<double> given) {
  const bool low = std::isfinite(range.min) && range.min > -whole_max;
  const bool high = std::isfinite(range.max) && (range.max < whole_max || given.value_or(0) > range.max);
  if (low && high) return fmt::format("{} from {} to {}", kind, range.min, range.max);
  if (!low && !high && given) return fmt::format("{} from {} to {}", kind, range.min, range.max);
  if (low) return fmt::format("{}, {} or more", kind, range.min);
  if (high) return fmt::format("{}, at most {}", kind, range.max);
  return std::string{kind};
}

}  // namespace

std::string_view Arguments::text() {
  if (failed_) return {};
  if (next_ >= words_.size()) {
    const auto wanted = row().arguments;
    fail(words_[next_ - 1],
         fmt::format("missing argument for {}{}{}", described(), wanted.empty() ? "" : ": ", wanted));
    return {};
  }
  return words_[next_++].text;
}

bool Arguments::take(std::string_view keyword) {
  if (!more() || !equal_ignoring_case(words_[next_].text, keyword)) return false;
  ++next_;
  return true;
}

double Arguments::real(Range range) {
  const auto word = text();
  if (failed_) return 0;
  const auto value = to_number<double>(word);
  if (value && *value >= range.min && *value <= range.max) return *value;
  wrong(wanted_number("a number", range, value));
  return 0;
}

base::Stratum Arguments::stratum() {
  const auto value = whole(row().range);
  return {static_cast<std::uint8_t>(std::clamp<long long>(value, 0, 255))};
}

long long Arguments::whole(Range range) {
  const auto word = text();
  if (failed_) return 0;
  const auto value = to_number<long long>(word);
  const double low = std::max(range.min, static_cast<double>(std::numeric_limits<int>::min()));
  if (value && static_cast<double>(*value) >= low && static_cast<double>(*value) <= range.max) return *value;
  wrong(wanted_number("a whole number", range,
                      value ? std::optional{static_cast<double>(*value)} : std::nullopt));
  return 0;
}

void Arguments::wrong(std::string_view wanted, const std::vector<std::string_view>& candidates) {
  if (failed_) return;
  const auto& word = taken();
  fail(word, fmt::format("invalid value '{}' for {}: must be {}", word.text, described(), wanted),
       nearest_word(word.text, candidates));
}

// "must be a, b or c".
void Arguments::wrong_choice(std::span<const std::string_view> known) {
  std::string wanted;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (i > 0) wanted += i + 1 < known.size() ? ", " : " or ";
    wanted += known[i];
  }
  wrong(wanted, {known.begin(), known.end()});
}

void Arguments::unknown_option(const std::vector<std::string_view>& candidates) {
  if (failed_) return;
  const auto& word = taken();
  fail(word, fmt::format("unknown option '{}' in {}", word.text, described()),
       nearest_word(word.text, candidates));
}

void Arguments::fail(const Word& word, std::string message, std::string nearest) {
  if (failed_) return;
  failed_ = true;
  auto place = place_;
  place.column = word.column;
  diagnostics_.push_back({std::move(place), std::string{word.text}, std::move(message), std::move(nearest)});
}

void Arguments::finish() {
  if (failed_ || next_ >= words_.size()) return;
  const auto& word = words_[next_];
  const bool comment = std::string_view{"!;%"}.contains(word.text.front());
  fail(word, fmt::format("too many arguments for {}: '{}'{}", described(), word.text,
                         comment ? " (a comment after a directive begins with #)" : ""));
}

std::string Arguments::described() const {
  if (option_ == nullptr) return fmt::format("{} directive", directive_.name);
  return fmt::format("{} in {} directive", option_->name, directive_.name);
}

}  // namespace gnomon::config
