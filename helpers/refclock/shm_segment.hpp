// SPDX-License-Identifier: GPL-2.0-or-later
// The memory that ntpd's driver 28, gpsd and others share with us, as octets: written by another process, at
// any time. Its fields in order, each aligned to its size as the writer's compiler has it:
//   int mode; int count; time_t clock_sec; int clock_usec; time_t receive_sec; int receive_usec; int leap;
//   int precision; int nsamples; int valid; unsigned clock_nsec; unsigned receive_nsec; int spare[8];
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "ipc/refclock_messages.hpp"

namespace gnomon::refclock {

// Where the fields are, by how large the segment is.
struct ShmLayout {
  std::size_t size = 96;
  std::size_t time_size = 8;
  std::size_t clock_sec = 8;
  std::size_t receive_sec = 24;
  std::size_t rest = 32;  // receive_usec and what follows
  friend bool operator==(const ShmLayout&, const ShmLayout&) = default;
};
inline constexpr ShmLayout shm_64{};                          // and 32 bits that align to 8
inline constexpr ShmLayout shm_32_time_64{88, 8, 8, 20, 28};  // i386 with a time_t of 64 bits
inline constexpr ShmLayout shm_32{80, 4, 8, 16, 20};          // time_t of 32 bits
// The one of a segment of that size; nullopt: too small for any.
[[nodiscard]] std::optional<ShmLayout> shm_layout_of(std::size_t size);

inline constexpr std::size_t shm_mode_at = 0;
inline constexpr std::size_t shm_count_at = 4;
// From `rest` on.
[[nodiscard]] constexpr std::size_t shm_valid_at(const ShmLayout& layout) {
  return layout.rest + 16;
}

enum class ShmState : std::uint8_t {
  reading,      // there is a new one
  nothing_new,  // none since the last one
  changing,     // the writer is at it
  unusable      // what it says makes no sense
};
struct ShmLook {
  ShmState state = ShmState::nothing_new;
  ipc::RefclockReading reading;  // of a reading
};
// What a copy of the segment says. `count`: as it was before and after the copy was made. Some writers never
// change it: whoever takes a reading takes its `valid` away, so that it counts once.
struct ShmCounts {
  std::int32_t before = 0;
  std::int32_t after = 0;
};
[[nodiscard]] ShmLook look_at_shm(base::Bytes copy, const ShmLayout& layout, const ShmCounts& counts);

}  // namespace gnomon::refclock
