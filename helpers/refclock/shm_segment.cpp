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

// Who knows nanoseconds writes microseconds as well; who does not leaves whatever is there.
std::int64_t nanoseconds(std::int32_t usec, std::uint32_t nsec) {
  const bool known = usec >= 0 && nsec / 1000 == static_cast<std::uint32_t>(usec);
  return known ? std::int64_t{nsec} : std::int64_t{usec} * 1000;
}

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
  const auto clock_nsec = nanoseconds(field<std::int32_t>(copy, layout.clock_sec + layout.time_size),
                                      field<std::uint32_t>(copy, rest + 20));
  const auto receive_nsec =
      nanoseconds(field<std::int32_t>(copy, rest), field<std::uint32_t>(copy, rest + 24));
  const auto clock = sane_time(seconds_at(copy, layout, layout.clock_sec), clock_nsec);
  const auto receive = sane_time(seconds_at(copy, layout, layout.receive_sec), receive_nsec);
  const auto leap = field<std::int32_t>(copy, rest + 4);
  if (!clock || !receive) return {.state = ShmState::unusable, .reading = {}};
  return {.state = ShmState::reading,
          .reading = {.time = *receive, .offset = *clock - *receive, .leap = sane_leap(leap)}};
}

}  // namespace gnomon::refclock
