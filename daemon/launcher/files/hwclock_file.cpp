// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/hwclock_file.hpp"

#include <cerrno>

#include "base/os/fd.hpp"
#include "base/os/file.hpp"
#include "base/os/regular_file.hpp"

namespace gnomon::launcher {
namespace {

constexpr std::size_t largest_hwclock_file = 4096;

}  // namespace

std::optional<bool> runs_on_utc(std::string_view hwclock_file) {
  for (int lines_before = 2; lines_before > 0; --lines_before) {
    const auto end = hwclock_file.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    hwclock_file.remove_prefix(end + 1);
  }
  const auto third = hwclock_file.substr(0, hwclock_file.find('\n'));
  if (third == "UTC") return true;
  if (third == "LOCAL") return false;
  return std::nullopt;
}

std::optional<std::string> apply_hwclock_file(config::HardwareSettings& settings) {
  if (settings.hwclock_file.empty()) return std::nullopt;
  const auto opened = base::open_regular_file(settings.hwclock_file);
  if (!opened) {
    if (opened.error().error == ENOENT) return std::nullopt;
    return base::why_unreadable(settings.hwclock_file, opened.error());
  }
  const base::Fd file{*opened};
  const auto text = base::read_to_end(file.get(), largest_hwclock_file);
  if (!text) return base::to_string(text.error());
  const auto on_utc = runs_on_utc(*text);
  if (!on_utc) return "its third line is neither UTC nor LOCAL";
  settings.rtc_on_utc = *on_utc;
  return std::nullopt;
}

}  // namespace gnomon::launcher
