// SPDX-License-Identifier: GPL-2.0-or-later
// The words after a directive, read one by one by its handler. The first mistake is reported with its place
// and stops the reading: from then on every value is the default one and failed() is true.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/enum_words.hpp"
#include "base/log2_seconds.hpp"
#include "base/units.hpp"
#include "config/diagnostic.hpp"
#include "config/row.hpp"
#include "config/words.hpp"

namespace gnomon::config {

class Arguments {
 public:
  // words[0] is the directive itself.
  Arguments(std::span<const Word> words, const Row& directive, Place place,
            std::vector<Diagnostic>& diagnostics)
      : words_{words}, directive_{directive}, place_{std::move(place)}, diagnostics_{diagnostics} {}

  [[nodiscard]] bool more() const { return !failed_ && next_ < words_.size(); }
  [[nodiscard]] std::size_t left() const { return failed_ ? 0 : words_.size() - next_; }
  [[nodiscard]] bool failed() const { return failed_; }

  [[nodiscard]] std::string_view peek() const { return words_[next_].text; }  // only if left() > 0
  std::string_view text();              // the next word, an error if there is none
  bool take(std::string_view keyword);  // consumes the next word if it is this one, in any case
  double real(Range range);             // a finite number
  double real() { return real(row().range); }
  base::Seconds seconds() { return base::Seconds{real()}; }
  base::Seconds whole_seconds() { return base::Seconds{static_cast<double>(whole(row().range))}; }
  base::Ppm ppm(Range range) { return {real(range)}; }
  base::Ppm ppm() { return ppm(row().range); }
  // Brought within least..most.
  base::Log2Seconds log2_seconds(std::int8_t least, std::int8_t most, Range range) {
    return {static_cast<std::int8_t>(std::clamp<long long>(whole(range), least, most))};
  }
  base::Log2Seconds log2_seconds(std::int8_t least, std::int8_t most) {
    return log2_seconds(least, most, row().range);
  }
  base::Stratum stratum();  // above 255 is 255: no packet has more
  // The ranges of the numbers behind the first one.
  [[nodiscard]] Range second() const { return row().second; }
  [[nodiscard]] Range third() const { return row().third; }
  template <typename Number>
    requires std::is_integral_v<Number>
  Number integer(Range range) {
    return static_cast<Number>(whole(range));
  }
  template <typename Number>
    requires std::is_integral_v<Number>
  Number integer() {
    return integer<Number>(row().range);
  }

  // The value of the next word, in any case; an error with all the words there are if it is none of them.
  template <typename Enum, std::size_t Size>
  std::optional<Enum> choice(const std::array<base::EnumWord<Enum>, Size>& words) {
    const auto value = base::value_of(words, lower_case(text()));
    std::array<std::string_view, Size> known{};
    std::ranges::transform(words, known.begin(), &base::EnumWord<Enum>::word);
    if (!value) wrong_choice(known);
    return value;
  }

  // An option's row gives the range and the name that messages show, until it is left.
  void enter(const Row& option) { option_ = &option; }
  void leave() { option_ = nullptr; }

  // The word taken last is wrong. `wanted` completes "must be ...".
  void wrong(std::string_view wanted, const std::vector<std::string_view>& candidates = {});
  void wrong_choice(std::span<const std::string_view> known);
  // The word taken last is not an option of this directive.
  void unknown_option(const std::vector<std::string_view>& candidates);
  void fail(const Word& word, std::string message, std::string nearest = {});
  void finish();  // an error if words are left

 private:
  [[nodiscard]] const Row& row() const { return option_ != nullptr ? *option_ : directive_; }
  [[nodiscard]] std::string described() const;  // "port in server directive", "port directive"
  [[nodiscard]] const Word& taken() const { return words_[next_ - 1]; }
  long long whole(Range range);

  std::span<const Word> words_;
  const Row& directive_;
  const Row* option_ = nullptr;
  Place place_;
  std::vector<Diagnostic>& diagnostics_;
  std::size_t next_ = 1;
  bool failed_ = false;
};

}  // namespace gnomon::config
