// SPDX-License-Identifier: GPL-2.0-or-later
// `key=value` arguments for argv, written and read with the same list of fields; private to ipc/. A list is
// one argument per element.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ipc/role_setup.hpp"

namespace gnomon::ipc {

struct Limits {
  double low;
  double high;
};

// Text of one value and back. The reader returns false for anything but the one form that to_word() writes.
[[nodiscard]] std::string to_word(const std::string& value);
[[nodiscard]] std::string to_word(bool value);
[[nodiscard]] std::string to_word(double value);
[[nodiscard]] std::string to_word(std::int64_t value);
[[nodiscard]] std::string to_word(base::AddressFamily value);
[[nodiscard]] std::string to_word(CoreMode value);
[[nodiscard]] std::string to_word(LeapMaker value);
[[nodiscard]] std::string to_word(const base::IpAddress& value);
[[nodiscard]] std::string to_word(const base::AccessRule& value);
[[nodiscard]] std::string to_word(const CertificatePair& value);
[[nodiscard]] std::string to_word(const TrustedCertificates& value);
[[nodiscard]] std::string to_word(const RefclockDevice& value);
[[nodiscard]] bool from_word(std::string_view word, std::string& value);
[[nodiscard]] bool from_word(std::string_view word, bool& value);
[[nodiscard]] bool from_word(std::string_view word, double& value);
[[nodiscard]] bool from_word(std::string_view word, std::int64_t& value);
[[nodiscard]] bool from_word(std::string_view word, base::AddressFamily& value);
[[nodiscard]] bool from_word(std::string_view word, CoreMode& value);
[[nodiscard]] bool from_word(std::string_view word, LeapMaker& value);
[[nodiscard]] bool from_word(std::string_view word, base::IpAddress& value);
[[nodiscard]] bool from_word(std::string_view word, base::AccessRule& value);
[[nodiscard]] bool from_word(std::string_view word, CertificatePair& value);
[[nodiscard]] bool from_word(std::string_view word, TrustedCertificates& value);
[[nodiscard]] bool from_word(std::string_view word, RefclockDevice& value);

class WordWriter {
 public:
  template <class T>
  void field(std::string_view key, const T& value) {
    words_.push_back(std::string{key} + "=" + to_word(value));
  }
  void number(std::string_view key, double value, Limits) { field(key, value); }
  template <std::integral T>
  void number(std::string_view key, T value, Limits) {
    field(key, static_cast<std::int64_t>(value));
  }
  template <class T>
  void list(std::string_view key, const std::vector<T>& values) {
    for (const auto& value : values) field(key, value);
  }
  template <std::integral T>
  void numbers(std::string_view key, const std::vector<T>& values, Limits limits) {
    for (const auto value : values) number(key, value, limits);
  }
  [[nodiscard]] std::vector<std::string> take() { return std::move(words_); }

 private:
  std::vector<std::string> words_;
};

// Holds one word and gives it to the field of that key.
class WordReader {
 public:
  explicit WordReader(std::string_view word)
      : key_(word.substr(0, word.find('='))),
        has_value_(key_.size() < word.size()),
        value_(has_value_ ? word.substr(key_.size() + 1) : std::string_view{}) {}

  template <class T>
  void field(std::string_view key, T& value) {
    if (is(key)) good_ = from_word(value_, value);
  }
  void number(std::string_view key, double& value, Limits limits) {
    double read = 0;
    if (is(key) && from_word(value_, read) && read >= limits.low && read <= limits.high) store(value, read);
  }
  template <std::integral T>
  void number(std::string_view key, T& value, Limits limits) {
    std::int64_t read = 0;
    if (is(key) && from_word(value_, read) && static_cast<double>(read) >= limits.low &&
        static_cast<double>(read) <= limits.high)
      store(value, static_cast<T>(read));
  }
  template <class T>
  void list(std::string_view key, std::vector<T>& values) {
    T read{};
    if (!is(key) || !from_word(value_, read)) return;
    values.push_back(std::move(read));
    good_ = true;
  }
  template <std::integral T>
  void numbers(std::string_view key, std::vector<T>& values, Limits limits) {
    T read{};
    number(key, read, limits);
    if (good_ && is(key)) values.push_back(read);
  }
  [[nodiscard]] bool known() const { return known_; }
  [[nodiscard]] bool good() const { return good_; }

 private:
  bool is(std::string_view key) {
    const bool same = has_value_ && key == key_;
    known_ = known_ || same;
    return same;
  }
  template <class T>
  void store(T& value, T read) {
    value = read;
    good_ = true;
  }

  std::string_view key_;
  bool has_value_;
  std::string_view value_;
  bool known_ = false;
  bool good_ = false;
};

}  // namespace gnomon::ipc
