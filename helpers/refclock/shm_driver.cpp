// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/refclock/shm_driver.hpp"

#include <sys/ipc.h>
#include <sys/shm.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "base/number.hpp"
#include "helpers/refclock/parameter.hpp"
#include "helpers/refclock/shm_segment.hpp"

namespace gnomon::refclock {

namespace {

constexpr key_t first_key = 0x4e545030;  // "NTP0"

class Shm final : public Driver {
 public:
  Shm(void* memory, const ShmLayout& layout) : memory_(static_cast<std::uint8_t*>(memory)), layout_(layout) {}
  Shm(const Shm&) = delete;
  Shm& operator=(const Shm&) = delete;
  ~Shm() override { shmdt(memory_); }

  std::expected<void, Failure> poll(Readings& readings) override {
    std::array<std::uint8_t, shm_64.size> copy{};
    const ShmCounts counts = read_into(copy);
    const auto look = look_at_shm(base::Bytes{copy}.first(layout_.size), layout_, counts);
    if (look.state != ShmState::reading) return {};
    __atomic_store_n(word(shm_valid_at(layout_)), 0, __ATOMIC_RELEASE);
    readings.push_back(look.reading);
    return {};
  }
  void add_calls(base::CallList& calls) const override { calls.push_back({"shmdt"}); }

 private:
  [[nodiscard]] std::int32_t* word(std::size_t at) const {
    return reinterpret_cast<std::int32_t*>(memory_ + at);  // NOLINT: shared with other programs
  }
  [[nodiscard]] std::int32_t count() const { return __atomic_load_n(word(shm_count_at), __ATOMIC_ACQUIRE); }
  ShmCounts read_into(std::array<std::uint8_t, shm_64.size>& copy) const {
    ShmCounts counts{.before = count(), .after = 0};
    for (std::size_t at = 0; at + sizeof(std::int32_t) <= layout_.size; at += sizeof(std::int32_t)) {
      const auto value = __atomic_load_n(word(at), __ATOMIC_RELAXED);
      std::copy_n(reinterpret_cast<const std::uint8_t*>(&value), sizeof value, copy.begin() + at);  // NOLINT
    }
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    counts.after = count();
    return counts;
  }

  std::uint8_t* memory_;
  ShmLayout layout_;
};

// The first of the two who may set our clock by it and is neither root nor us. Who made it has the owner's
// rights for good, and may name anybody as its owner (shmctl(2), IPC_SET).
std::optional<uid_t> stranger(const ipc_perm& segment) {
  for (const auto user : {segment.uid, segment.cuid})
    if (user != 0 && user != getuid()) return user;
  return std::nullopt;
}

// Whoever may write there sets our clock.
std::expected<ShmLayout, std::string> check_segment(int segment, int permissions) {
  shmid_ds facts{};
  if (shmctl(segment, IPC_STAT, &facts) != 0) {
    // Its permissions may be others by the time it is attached.
    if (errno == EACCES)
      return std::unexpected(
          "the owner of the segment does not allow us to read its status: remove it (ipcrm -M)");
    return shm_64;  // simulators have nothing to look at; what is gone cannot be attached either
  }
  const bool open_to_others = (permissions & 0022) != 0;
  if (const auto user = stranger(facts.shm_perm); user && !open_to_others)
    return std::unexpected(
        "the segment belongs to user " + std::to_string(*user) +
        ", who could set the clock by it: remove it (ipcrm -M), or allow that with the option "
        "perm=0666");
  const auto layout = shm_layout_of(facts.shm_segsz);
  if (!layout) return std::unexpected("the segment is too small: remove it (ipcrm -M)");
  return *layout;
}

std::string why(int error) {
  auto text = base::to_string(base::OsError{"shmget", error});
  if (error == EACCES)
    return text +
           "; another program made the segment and does not let us write there: start gnomond first, or as "
           "root, or let that program use SOCK";
  if (error == ENOSYS || error == ENOSPC) return text + "; see kernel.shmmni, and PrivateIPC= of the unit";
  return text;
}

}  // namespace

Opened open_shm(const std::string& parameter) {
  constexpr std::array<std::string_view, 1> options{"perm"};
  const auto parsed = parse_parameter(parameter, options);
  if (!parsed) return std::unexpected(Failure{parsed.error()});
  const auto unit = base::parse_number<int>(parsed->name, {0, 255});
  if (!unit) return std::unexpected(Failure{"its unit must be a number from 0 to 255"});
  const auto permissions = parsed->number("perm", 0, 0777, 8);
  if (!permissions) return std::unexpected(Failure{permissions.error()});
  const int mode = permissions->value_or(0600);
  int segment = shmget(first_key + *unit, shm_64.size, IPC_CREAT | mode);
  if (segment < 0 && errno == EINVAL) segment = shmget(first_key + *unit, 0, 0);  // of 32 bits, and smaller
  if (segment < 0) return std::unexpected(Failure{why(errno)});
  const auto layout = check_segment(segment, mode);
  if (!layout) return std::unexpected(Failure{layout.error()});
  void* const memory = shmat(segment, nullptr, 0);
  if (memory == reinterpret_cast<void*>(-1))  // NOLINT: the C library's interface
    return std::unexpected(Failure{base::to_string(base::last_error("shmat"))});
  return std::make_unique<Shm>(memory, *layout);
}

}  // namespace gnomon::refclock
