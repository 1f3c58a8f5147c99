// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/refclock/shm_segment.hpp"

#include <bit>

#include "helpers/refclock/field.hpp"
#include "helpers/refclock/sane_time.hpp"

namespace gnomon::refclock {

namespace {

std::int64_t seconds_at(base::Bytes copy, const ShmLayout& layout, std::size_t at) {
  return layout.time_size == 4 ? field<std::int32_t>(copy, at) : field<std::int64_t>(copy, at);
}

struct Fraction {
  std::int32_t usec = 0;
  std::uint32_t nsec = 0;
  [[nodiscard]] bool is_exact() const { return usec >= 0 && nsec / 1000 == static_cast<std::uint32_t>(usec); }
  [[nodiscard]] std::int64_t nanoseconds(bool exact) const {
    return exact ? nsec : std::int64_t{usec} * 1000;
  }
};

}  // namespace

std::optional<ShmLayout> shm_layout_of(std::size_t size) {
  if (size >= shm_64.size) return shm_64;
  if (size >= shm_32_time_64.size) return shm_32_time_64;
  if (size >= shm_32.size) return shm_32;
  return std::nullopt;
}

ShmLook look_at_shm(base::Bytes copy, const ShmLayout& layout, const ShmCounts& counts) {
  if (copy.size() < layout.size) return {.state = ShmState::unusable, .reading = {}};
  const auto mode = field<std::int32_t>(copy, shm_mode_at);
  if (mode != 0 && mode != 1) return {.state = ShmState::unusable, .reading = {}};
  const auto rest = layout.rest;
  if (field<std::int32_t>(copy, shm_valid_at(layout)) == 0) return {};
  if (mode == 1 && counts.before != counts.after) return {.state = ShmState::changing, .reading = {}};
  const Fraction of_clock{field<std::int32_t>(copy, layout.clock_sec + layout.time_size),
                          field<std::uint32_t>(copy, rest + 20)};
  const Fraction of_receive{field<std::int32_t>(copy, rest), field<std::uint32_t>(copy, rest + 24)};
  // Who knows nanoseconds writes microseconds as well; who does not leaves whatever is there, which may look
  // right by chance. One time cut and the other not would be up to a microsecond apart.
  const bool exact = of_clock.is_exact() && of_receive.is_exact();
  const auto clock = sane_time(seconds_at(copy, layout, layout.clock_sec), of_clock.nanoseconds(exact));
  const auto receive = sane_time(seconds_at(copy, layout, layout.receive_sec), of_receive.nanoseconds(exact));
  const auto leap = field<std::int32_t>(copy, rest + 4);
  if (!clock || !receive) return {.state = ShmState::unusable, .reading = {}};
  return {.state = ShmState::reading,
          .reading = {.time = *receive, .offset = *clock - *receive, .leap = sane_leap(leap)}};
}

}  // namespace gnomon::refclock
