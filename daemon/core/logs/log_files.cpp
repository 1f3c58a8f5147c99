// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/logs/log_files.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/os/regular_file.hpp"
#include "base/overloaded.hpp"
#include "daemon/core/logs/log_lines.hpp"

namespace gnomon::core {

namespace {

constexpr base::Duration retry_interval = std::chrono::seconds{10};

using ipc::FileKind;

bool is_wanted(FileKind log, const std::vector<std::string>& names) {
  const auto named = [&names](std::string_view name) {
    return std::ranges::find(names, name) != names.end();
  };
  return named(ipc::log_name(log)) || (log == FileKind::measurements_log && named("rawmeasurements"));
}

}  // namespace

LogFiles::LogFiles(const config::ProcessSettings& settings, base::Log& log, Open open)
    : log_(log), open_(std::move(open)) {
  set(settings);
}

void LogFiles::set(const config::ProcessSettings& settings) {
  files_.clear();
  const auto& names = settings.logs;
  raw_ = std::ranges::find(names, "rawmeasurements") != names.end();
  if (settings.log_dir.empty()) {
    if (!names.empty())
      log_.write(base::LogEvent::log_file_not_written,
                 "`log` has no effect without `logdir`, the directory of the log files",
                 {{base::LogField::directive, "logdir"}});
    return;
  }
  for (const FileKind kind : ipc::log_kinds)
    if (is_wanted(kind, names))
      files_.emplace(kind, Entry{.file = LogFile(heading_of(kind), settings.log_banner),
                                 .path = fmt::format("{}/{}.log", settings.log_dir, ipc::log_name(kind))});
}

void LogFiles::write(const engine::LogRecord& record, base::MonoTime now) {
  std::visit(base::Overloaded{
                 [&](const engine::MeasurementRecord& r) {
                   if (raw_ || r.is_fit()) add(FileKind::measurements_log, now, line_of(r));
                 },
                 [&](const engine::StatisticsRecord& r) { add(FileKind::statistics_log, now, line_of(r)); },
                 [&](const engine::TrackingRecord& r) { add(FileKind::tracking_log, now, line_of(r)); },
                 [&](const engine::SelectionRecord& r) { add(FileKind::selection_log, now, line_of(r)); },
                 [&](const engine::TemperatureRecord& r) { add(FileKind::tempcomp_log, now, line_of(r)); },
                 [&](const engine::RefclockRecord& r) { add(FileKind::refclocks_log, now, line_of(r)); },
                 [&](const engine::RtcRecord& r) { add(FileKind::rtc_log, now, line_of(r)); }},
             record);
}

void LogFiles::add(FileKind log, base::MonoTime now, std::string_view line) {
  const auto at = files_.find(log);
  if (at == files_.end()) return;
  at->second.file.add(line);
  push(log, at->second, now);
}

void LogFiles::push(FileKind log, Entry& entry, base::MonoTime now) {
  if (entry.file.is_open() && entry.file.is_removed()) entry.file.close();
  if (entry.file.is_open()) return flush(entry);
  if (entry.asked || now < entry.next_try) return;
  entry.asked = true;
  open_(log);
}

void LogFiles::opened(FileKind log, base::Fd file, const std::string& reason, base::MonoTime now) {
  const auto at = files_.find(log);
  if (at == files_.end()) return;
  auto& entry = at->second;
  entry.asked = false;
  if (!file) {
    entry.next_try = now + retry_interval;
    return complain(entry, reason);
  }
  entry.file.take(std::move(file));
  flush(entry);
}

void LogFiles::cycle() {
  for (auto& [kind, entry] : files_) {
    entry.file.close();
    entry.next_try = base::MonoTime::min();
  }
}

void LogFiles::flush(Entry& entry) {
  const auto done = entry.file.flush();
  if (done)
    recovered(entry);
  else
    complain(entry, base::to_string(done.error()) + "; " +
                        base::remedy_of_writing(done.error().code, entry.path, "logdir"));
}

void LogFiles::complain(Entry& entry, const std::string& reason) {
  if (std::exchange(entry.failed, true)) return;
  log_.write(
      base::LogEvent::log_file_not_written,
      fmt::format("Nothing can be written to {}: {}; it goes on as soon as it can", entry.path, reason),
      {{base::LogField::file, entry.path}, {base::LogField::reason, reason}});
}

void LogFiles::recovered(Entry& entry) {
  if (!std::exchange(entry.failed, false)) return;
  const auto lost = entry.file.take_lost();
  log_.write(base::LogEvent::log_file_resumed,
             fmt::format("{} is written again; {} lines were lost", entry.path, lost),
             {{base::LogField::file, entry.path}, {base::LogField::count, lost}});
}

}  // namespace gnomon::core
