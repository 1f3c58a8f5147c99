// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/refclock/phc_driver.hpp"

#include <linux/ptp_clock.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/os/phc.hpp"
#include "helpers/refclock/device_file.hpp"
#include "helpers/refclock/parameter.hpp"
#include "helpers/refclock/phc_track.hpp"

namespace gnomon::refclock {

namespace {

using base::Duration;

// Readings that took hardly longer than the shortest one are as good.
constexpr Duration alike = std::chrono::nanoseconds{100};

class PhcReader {
 public:
  PhcReader(int phc, base::PhcMethod method) : phc_(phc), method_(method) {}
  [[nodiscard]] std::expected<std::optional<base::PhcOffset>, Failure> read() const {
    std::array<base::PhcReading, base::most_phc_readings> space{};
    const auto count = base::read_phc(phc_, method_, space);
    // Some drivers cannot tell both at once every time.
    if (!count &&
        (count.error().code == EAGAIN || count.error().code == EBUSY || count.error().code == EINTR))
      return std::nullopt;
    if (!count) return std::unexpected(device_failure(count.error()));
    return base::offset_of(std::span{space}.first(*count), alike);
  }
  void add_calls(base::CallList& calls) const {
    for (const auto request : base::phc_requests())
      calls.push_back({"ioctl", {base::int_argument_is(0, phc_), base::argument_is(1, request)}});
  }

 private:
  int phc_;
  base::PhcMethod method_;
};

class Phc final : public Driver {
 public:
  Phc(base::Fd device, base::PhcMethod method) : device_(std::move(device)), reader_(device_.get(), method) {}
  std::expected<void, Failure> poll(Readings& readings) override {
    const auto offset = reader_.read();
    if (!offset) return std::unexpected(offset.error());
    if (*offset)
      readings.push_back({.time = (*offset)->time,
                          .offset = (*offset)->total(),
                          .dispersion = base::to_duration((*offset)->error)});
    return {};
  }
  void add_calls(base::CallList& calls) const override { reader_.add_calls(calls); }

 private:
  base::Fd device_;
  PhcReader reader_;
};

// Timestamps of pulses by the PHC, which is compared with the system clock at each poll.
class ExternalPps final : public Driver {
 public:
  ExternalPps(base::Fd device, base::PhcMethod method, int channel)
      : device_(std::move(device)), reader_(device_.get(), method), channel_(channel) {}
  std::expected<void, Failure> poll(Readings& /*readings*/) override {
    const auto offset = reader_.read();
    if (!offset) return std::unexpected(offset.error());
    if (*offset) track_.add(**offset);
    return {};
  }
  [[nodiscard]] int descriptor() const override { return device_.get(); }
  std::expected<void, Failure> read(Readings& readings) override {
    ptp_extts_event event{};
    if (::read(device_.get(), &event, sizeof event) != ssize_t{sizeof event})
      return std::unexpected(device_failure("read"));
    if (event.index != static_cast<unsigned>(channel_)) return {};
    const auto system = track_.system_at(std::chrono::seconds{event.t.sec} + Duration{event.t.nsec});
    if (!system || *system < base::RealTime{}) return {};
    const auto beyond = system->time_since_epoch() % std::chrono::seconds{1};
    readings.push_back({.kind = ipc::RefclockKind::pulse,
                        .time = *system,
                        .offset = -beyond,
                        .dispersion = base::to_duration(track_.error())});
    return {};
  }
  void add_calls(base::CallList& calls) const override {
    reader_.add_calls(calls);
    calls.push_back({"read", {base::int_argument_is(0, device_.get())}});
  }

 private:
  base::Fd device_;
  PhcReader reader_;
  PhcTrack track_;
  int channel_;
};

std::expected<void, Failure> start_events(int phc, const Parameter& parameter, int& channel) {
  const auto pin = parameter.number("pin", -1, 255);
  if (!pin) return std::unexpected(Failure{pin.error()});
  const auto wanted = parameter.number("channel", 0, 255);
  if (!wanted) return std::unexpected(Failure{wanted.error()});
  channel = wanted->value_or(0);
  if (const int index = pin->value_or(0); index >= 0) {
    ptp_pin_desc description{};
    description.index = static_cast<unsigned>(index);
    description.func = PTP_PF_EXTTS;
    description.chan = static_cast<unsigned>(channel);
    if (ioctl(phc, PTP_PIN_SETFUNC, &description) != 0) {
      auto failure = device_failure("ioctl(PTP_PIN_SETFUNC)");
      failure.what += "; if its pins have fixed functions, use pin=-1";
      return std::unexpected(failure);
    }
  }
  ptp_extts_request request{};
  request.index = static_cast<unsigned>(channel);
  request.flags =
      PTP_ENABLE_FEATURE | static_cast<unsigned>(parameter.has("clear") ? PTP_FALLING_EDGE : PTP_RISING_EDGE);
  if (ioctl(phc, PTP_EXTTS_REQUEST, &request) != 0)
    return std::unexpected(device_failure("ioctl(PTP_EXTTS_REQUEST)"));
  return {};
}

}  // namespace

Opened open_phc_clock(const std::string& parameter) {
  constexpr std::array<std::string_view, 5> options{"nocrossts", "extpps", "pin", "channel", "clear"};
  const auto parsed = parse_parameter(parameter, options);
  if (!parsed) return std::unexpected(Failure{parsed.error()});
  auto device = base::open_phc(parsed->name);
  if (!device) return std::unexpected(device_failure(device.error()));
  const auto method = base::find_phc_method(device->get(), !parsed->has("nocrossts"));
  if (!method) return std::unexpected(device_failure(method.error()));
  if (!parsed->has("extpps")) return std::make_unique<Phc>(std::move(*device), *method);
  int channel = 0;
  if (const auto started = start_events(device->get(), *parsed, channel); !started)
    return std::unexpected(started.error());
  return std::make_unique<ExternalPps>(std::move(*device), *method, channel);
}

}  // namespace gnomon::refclock
