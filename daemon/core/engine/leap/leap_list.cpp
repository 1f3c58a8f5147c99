// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/leap/leap_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/ntp_time.hpp"
#include "base/number.hpp"
#include "protocol/crypto/sha1.hpp"

namespace gnomon::engine {

namespace {

constexpr std::string_view blanks = " \t\r";
constexpr std::int64_t latest_entry = 11'000'000'000;  // seconds since 1900, in 2248: a RealTime ends in 2262

std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  const auto word = text.substr(0, text.find_first_of(blanks));
  text.remove_prefix(word.size());
  return word;
}

std::optional<std::int64_t> number_in(std::string_view word) {
  return base::parse_number<std::int64_t>(word, {.low = 0, .high = latest_entry});
}

base::RealTime since_1900(std::int64_t seconds) {
  return base::RealTime{std::chrono::seconds{seconds - base::seconds_1900_to_1970}};
}

// Five groups of up to eight digits: NIST has left leading zeros out.
std::optional<protocol::Sha1> hash_in(std::string_view text) {
  std::string digits;
  for (int group = 0; group < 5; ++group) {
    const auto word = take_word(text);
    if (word.empty() || word.size() > 8) return std::nullopt;
    digits += std::string(8 - word.size(), '0') + std::string(word);
  }
  const auto octets = base::from_hex(digits);
  if (!octets || !take_word(text).empty()) return std::nullopt;
  protocol::Sha1 hash{};
  std::copy_n(octets->begin(), hash.size(), hash.begin());
  return hash;
}

class Reader {
 public:
  // False: the line is wrong.
  [[nodiscard]] bool take(std::string_view line) {
    if (line.starts_with("#$")) return take_date(line.substr(2), updated_);
    if (line.starts_with("#@")) return take_date(line.substr(2), expires_);
    if (line.starts_with("#h")) return take_hash(line.substr(2));
    return take_entry(line.substr(0, line.find('#')));
  }
  [[nodiscard]] std::expected<LeapTable, std::string> finish() && {
    if (table_.entries.empty()) return std::unexpected("it has no line for a leap second");
    if (expires_.empty())
      return std::unexpected("it does not say when it expires (a line that starts with #@)");
    if (hash_ && protocol::sha1(base::as_bytes(updated_ + expires_ + data_)) != *hash_)
      return std::unexpected("its hash (the line that starts with #h) does not match its numbers");
    table_.expires = since_1900(number_in(expires_).value_or(0));
    return std::move(table_);
  }

 private:
  static bool take_date(std::string_view text, std::string& into) {
    into = std::string(take_word(text));
    return number_in(into) && take_word(text).empty();
  }
  bool take_hash(std::string_view text) {
    hash_ = hash_in(text);
    return hash_.has_value();
  }
  bool take_entry(std::string_view text) {
    const auto first = take_word(text);
    if (first.empty()) return true;
    const auto second = take_word(text);
    const auto from = number_in(first);
    const auto offset = number_in(second);
    if (!from || !offset || *offset > greatest_tai_offset || !take_word(text).empty()) return false;
    data_ += std::string(first) + std::string(second);
    return table_.append({since_1900(*from), static_cast<std::int16_t>(*offset)});
  }

  LeapTable table_;
  std::string updated_;
  std::string expires_;
  std::string data_;
  std::optional<protocol::Sha1> hash_;
};

}  // namespace

std::expected<LeapTable, std::string> parse_leap_list(std::string_view text) {
  Reader reader;
  for (int number = 1; !text.empty(); ++number) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!reader.take(line)) return std::unexpected(fmt::format("line {} is not understood", number));
  }
  return std::move(reader).finish();
}

}  // namespace gnomon::engine
