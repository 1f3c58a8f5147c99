// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/refclock/pps_driver.hpp"

#include <fcntl.h>
#include <linux/pps.h>
#include <sys/ioctl.h>

#include <array>
#include <cerrno>

#include "helpers/refclock/device_file.hpp"
#include "helpers/refclock/parameter.hpp"
#include "helpers/refclock/sane_time.hpp"

namespace gnomon::refclock {

namespace {

class Pps final : public Driver {
 public:
  Pps(base::Fd device, bool clear) : device_(std::move(device)), clear_(clear) {}

  std::expected<void, Failure> poll(Readings& readings) override {
    pps_fdata data{};  // a timeout of 0: what there is
    if (ioctl(device_.get(), PPS_FETCH, &data) != 0)
      return std::unexpected(device_failure("ioctl(PPS_FETCH)"));
    const auto sequence = clear_ ? data.info.clear_sequence : data.info.assert_sequence;
    const auto& stamp = clear_ ? data.info.clear_tu : data.info.assert_tu;
    // Before the first poll there may have been a pulse long ago.
    const auto last = std::exchange(sequence_, sequence);
    if (last == sequence || sequence == 0) return {};
    const auto time = sane_time(stamp.sec, stamp.nsec);
    if (!time) return {};
    // A pulse is a full second of true time: what the system clock shows beyond one is its error.
    const auto beyond = time->time_since_epoch() % std::chrono::seconds{1};
    readings.push_back({.kind = ipc::RefclockKind::pulse, .time = *time, .offset = -beyond});
    return {};
  }
  void add_calls(base::CallList& calls) const override {
    calls.push_back({"ioctl", {base::int_argument_is(0, device_.get()), base::argument_is(1, PPS_FETCH)}});
  }

 private:
  base::Fd device_;
  bool clear_;
  std::uint32_t sequence_ = 0;
};

// To be changed by CAP_SYS_TIME alone, which is not there with -x; most devices have the first edge on
// anyway.
std::expected<void, Failure> capture(int device, int edge) {
  pps_kparams parameters{};
  if (ioctl(device, PPS_GETPARAMS, &parameters) != 0)
    return std::unexpected(device_failure("ioctl(PPS_GETPARAMS)"));
  if ((parameters.mode & edge) != 0) return {};
  parameters.mode |= edge | PPS_TSFMT_TSPEC;
  if (ioctl(device, PPS_SETPARAMS, &parameters) == 0) return {};
  if (errno == EPERM)
    return std::unexpected(
        Failure{"its edge cannot be switched on without CAP_SYS_TIME, which -x takes away"});
  return std::unexpected(device_failure("ioctl(PPS_SETPARAMS)"));
}

}  // namespace

Opened open_pps(const std::string& parameter) {
  constexpr std::array<std::string_view, 1> options{"clear"};
  const auto parsed = parse_parameter(parameter, options);
  if (!parsed) return std::unexpected(Failure{parsed.error()});
  base::Fd device{open(parsed->name.c_str(), O_RDWR | O_CLOEXEC)};
  if (!device) return std::unexpected(device_failure("open"));
  const bool clear = parsed->has("clear");
  const int edge = clear ? PPS_CAPTURECLEAR : PPS_CAPTUREASSERT;
  int capabilities = 0;
  if (ioctl(device.get(), PPS_GETCAP, &capabilities) != 0)
    return std::unexpected(Failure{"it is no PPS device"});
  if ((capabilities & edge) == 0)
    return std::unexpected(Failure{clear ? "it has no clear events: remove the option clear"
                                         : "it has clear events only: add :clear"});
  if (const auto set = capture(device.get(), edge); !set) return std::unexpected(set.error());
  return std::make_unique<Pps>(std::move(device), clear);
}

}  // namespace gnomon::refclock
