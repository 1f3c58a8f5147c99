// SPDX-License-Identifier: GPL-2.0-or-later
// Core: its log files, the temperature that it is compensated by, and the real-time
// clock.
#include <fmt/core.h>

#include "async/every.hpp"
#include "daemon/core/core.hpp"
#include "daemon/core/core_settings.hpp"
#include "daemon/core/logs/log_lines.hpp"

namespace gnomon::core {

namespace {

void tell(base::Log& log, const engine::LogRecord& record) {
  const auto* const measured = std::get_if<engine::MeasurementRecord>(&record);
  if (measured == nullptr) return;
  const auto address = base::to_string(measured->address);
  if (measured->sent != engine::StampSource::daemon)
    log.write(base::LogEvent::departure_known,
              fmt::format("Found saved message for {}: when it left, by the {}", address,
                          measured->sent == engine::StampSource::kernel ? "kernel" : "network card"),
              {{base::LogField::address, address}});
  log.write(base::LogEvent::answer_measured, "Measurement: " + line_of(*measured),
            {{base::LogField::address, address}, {base::LogField::offset, -measured->offset.count()}});
}

}  // namespace

void Core::open_file(ipc::FileKind kind) {
  if (!open_file_) return launcher_.send(ipc::OpenFile{kind});
  auto file = open_file_(kind);
  if (file)
    on_file(kind, std::move(*file), {});
  else
    on_file(kind, {}, file.error());
}

void Core::on_file(ipc::FileKind kind, base::Fd file, const std::string& reason) {
  if (ipc::log_name(kind).empty()) return on_temperature_file(kind, file, reason);
  logs_.opened(kind, std::move(file), reason, tasks_.now().mono);
}

void Core::on_temperature_file(ipc::FileKind kind, const base::Fd& file, const std::string& reason) {
  if (!temperature_) return;
  const auto measured = temperature_->opened(kind, file, reason, tasks_.now().real);
  if (!measured) return;
  record({*measured});
  clock_driver_.compensate(measured->compensation);
}

void Core::cycle_logs() {
  logs_.cycle();
  if (!open_file_) launcher_.send(ipc::CycleLogFile{});
}

void Core::record(const engine::LogRecords& records) {
  for (const auto& each : records) {
    logs_.write(each, tasks_.now().mono);
    if (is_debugged(setup_)) tell(log_, each);
  }
}

void Core::keep_measurements(const ClockEvents& events) {
  if (recorder_) recorder_->take(events, clock_driver_.keeper().verdicts());
}

void Core::open_nics() {
  if (config_.hardware.timestamping.empty()) return;
  if (!open_nics_) return launcher_.send(ipc::OpenNics{});
  for (auto& [nic, clock] : open_nics_()) hardware_.add(nic, std::move(clock));
}

void Core::make_rtc() {
  const auto& hardware = config_.hardware;
  if (hardware.rtc_file.empty() || !clock_ || setup_.mode != ipc::CoreMode::daemon) return;
  rtc_.emplace(tasks_,
               RtcDriver::Settings{
                   .file = hardware.rtc_file, .auto_trim = hardware.rtc_auto_trim, .may_set = steers(setup_)},
               *clock_, clock_driver_, log_, [this](const engine::RtcRecord& read) { record({read}); });
}

void Core::watch_temperature() {
  const auto& settings = config_.hardware.temperature;
  if (!settings || setup_.mode != ipc::CoreMode::daemon) return;
  temperature_.emplace(*settings, log_, [this](ipc::FileKind kind) { open_file(kind); });
  tasks_.spawn("temperature", read_temperature());
}

asio::awaitable<void> Core::read_temperature() {
  temperature_->look();
  co_await async::every(tasks_.loop(), temperature_->interval(), [this] { temperature_->look(); });
}

}  // namespace gnomon::core
