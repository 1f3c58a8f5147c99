// SPDX-License-Identifier: GPL-2.0-or-later
// Writes the lines of one metric family, in the format that is wanted: OpenMetrics 1.0 (prometheus.io), or
// the text format of Prometheus, which has neither units nor the types info and state set.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/metrics_messages.hpp"

namespace gnomon::core::metrics {

enum class Type : std::uint8_t { gauge, counter, info, state_set };
// As both formats call it.
[[nodiscard]] std::string_view name_of(Type type);

// What stands in front of a family's samples.
struct Head {
  std::string_view name;  // ends with the unit; without _total and _info
  Type type{};
  std::string_view unit;  // "seconds"; empty: it has none
  std::string_view help;  // a line without backslashes and quotes
};
// What samples of that family are called: "gnomon_steps_total".
[[nodiscard]] std::string sample_name(const Head& head);

struct Label {
  std::string_view name;
  std::string_view value;  // empty: as if it were not there
};
using Labels = std::vector<Label>;

class Samples {
 public:
  // Adds to `out`; nothing at all if there are no samples.
  Samples(const Head& head, ipc::MetricsFormat format, std::string& out)
      : head_(head), format_(format), out_(out) {}

  void add(std::integral auto value, const Labels& labels = {}) { add_text(std::to_string(value), labels); }
  void add(double value, const Labels& labels = {});  // one that is no number is left out
  // The one state of a state set that holds, and those that do not.
  void add_states(std::span<const std::string_view> states, std::string_view held, const Labels& labels = {});

 private:
  void add_text(std::string_view value, const Labels& labels);
  void write_head();

  Head head_;
  ipc::MetricsFormat format_;
  std::string& out_;
  bool begun_ = false;
};

// As it stands between the quotes: with escapes, and '?' for what is not UTF-8 and for
// other control characters than line breaks.
[[nodiscard]] std::string escaped(std::string_view value);

}  // namespace gnomon::core::metrics
