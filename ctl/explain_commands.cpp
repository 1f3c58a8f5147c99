// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/explain_commands.hpp"

#include "ctl/arguments.hpp"
#include "ctl/render/record.hpp"

namespace gnomon::ctl {

namespace {

bool is_synchronised(const Reply& reply) {
  return Record(reply).truth("synchronised");
}

}  // namespace

Made explain(std::string_view /*name*/, const Words& words) {
  if (auto complaint = count_complaint(words, 0, 1); !complaint.empty()) return std::unexpected(complaint);
  MethodCall call{.method = "Explain", .is_good = is_synchronised};
  if (!words.empty()) call.parameters["source"] = words[0];
  return call;
}

Made why_not(std::string_view /*name*/, const Words& words) {
  if (auto complaint = count_complaint(words, 0, 0); !complaint.empty()) return std::unexpected(complaint);
  return MethodCall{.method = "Explain", .is_good = is_synchronised};
}

Made events(std::string_view /*name*/, const Words& words) {
  if (auto complaint = count_complaint(words, 0, 0); !complaint.empty()) return std::unexpected(complaint);
  return MethodCall{.method = "Events", .events = EventsWish{}};
}

Made wait_until_good(std::string_view /*name*/, const Words& words) {
  if (auto complaint = count_complaint(words, 0, 0); !complaint.empty()) return std::unexpected(complaint);
  return MethodCall{.method = "Tracking", .bound = WaitBound{}};
}

Made report(std::string_view /*name*/, const Words& words) {
  if (auto complaint = count_complaint(words, 0, 0); !complaint.empty()) return std::unexpected(complaint);
  return MethodCall{.method = "Measurements", .report = ReportWish{}};
}

Made record(std::string_view /*name*/, const Words& words) {
  if (auto complaint = count_complaint(words, 1, 1); !complaint.empty()) return std::unexpected(complaint);
  return MethodCall{.method = "Record", .recording = RecordWish{.file = words[0]}};
}

Made watch_daemon(std::string_view /*name*/, const Words& words) {
  if (auto complaint = count_complaint(words, 0, 0); !complaint.empty()) return std::unexpected(complaint);
  return MethodCall{.method = "Tracking", .watch = WatchWish{}};
}

}  // namespace gnomon::ctl
