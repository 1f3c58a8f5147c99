// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/nts_memory.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/number.hpp"
#include "protocol/nts/file_words.hpp"

namespace gnomon::engine {

namespace {

constexpr std::string_view heading = "gnomon-ke 1";
constexpr double longest_span = 9e9;  // s

}  // namespace

std::string to_text(const KeBackOff& b) {
  return fmt::format("{}\n{}\n{} {:.1f} {:.1f}\n", heading, b.name, b.attempts,
                     base::to_seconds(b.wait).count(), base::to_seconds(b.since.time_since_epoch()).count());
}

std::optional<KeBackOff> parse_back_off(std::string_view text) {
  const auto lines = protocol::split(text, "\n");
  if (lines.size() != 3 || lines[0] != heading) return std::nullopt;
  const auto words = protocol::split(lines[2], " ");
  if (words.size() != 3) return std::nullopt;
  const auto attempts = base::parse_number<std::uint32_t>(words[0]);
  const auto wait = base::parse_number<double>(words[1]);
  const auto since = base::parse_number<double>(words[2]);
  if (!attempts || !wait || !since) return std::nullopt;
  if (!(*wait >= 0 && *wait < longest_span) || !(std::fabs(*since) < longest_span)) return std::nullopt;
  return KeBackOff{std::string{lines[1]}, *attempts, base::to_duration(base::Seconds{*wait}),
                   base::RealTime{base::to_duration(base::Seconds{*since})}};
}

}  // namespace gnomon::engine
