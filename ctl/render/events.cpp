// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>
#include <cmath>
#include <ctime>
#include <string_view>

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include "ctl/render/prose.hpp"
#include "ctl/render/render.hpp"

namespace gnomon::ctl {

namespace {

struct Level {
  std::string_view name;  // as wide as the widest
  Tone tone;
};
// Those of syslog; the number is the journal's PRIORITY.
constexpr std::array levels{Level{"emerg  ", Tone::bad},     Level{"alert  ", Tone::bad},
                            Level{"crit   ", Tone::bad},     Level{"error  ", Tone::bad},
                            Level{"warning", Tone::warning}, Level{"notice ", Tone::strong},
                            Level{"info   ", Tone::plain},   Level{"debug  ", Tone::plain}};

Level level_of(const std::string& priority) {
  const bool known = priority.size() == 1 && priority[0] >= '0' && priority[0] <= '7';
  return known ? levels.at(static_cast<std::size_t>(priority[0] - '0')) : Level{"       ", Tone::plain};
}

std::string field(const Record& event, std::string_view name) {
  return event.record("fields").optional_text(name).value_or("");
}

}  // namespace

std::string wall_text(double seconds_since_1970, bool utc) {
  constexpr double year_9999 = 253402300799.0;
  const auto time =
      static_cast<std::time_t>(std::floor(std::fmin(std::fmax(seconds_since_1970, -year_9999), year_9999)));
  std::tm parts{};
  if ((utc ? gmtime_r(&time, &parts) : localtime_r(&time, &parts)) == nullptr) return "-";
  std::array<char, 64> text{};
  const auto size = std::strftime(text.data(), text.size(), utc ? "%F %T UTC" : "%F %T %Z", &parts);
  return {text.data(), size};
}

std::string render_event(const Record& event, const View& view) {
  const auto time = wall_text(event.number("time"), view.utc);
  const auto level = level_of(field(event, "PRIORITY"));
  if (view.csv)
    return fmt::format("{},{:.6f},{},{},{}\n", event.integer("sequence"), event.number("time"),
                       field(event, "PRIORITY"), field(event, "GNOMON_EVENT"),
                       harmless_text(field(event, "GNOMON_SOURCE")));
  const auto first = fmt::format("{} {}  ", time, level.name);
  // On a narrow terminal what does not fit begins further left.
  constexpr std::size_t least_text = 60;
  const bool is_narrow = view.width < first.size() + least_text;
  auto lines =
      paragraph(field(event, "MESSAGE"), view.width, first, std::string(is_narrow ? 4 : first.size(), ' '));
  if (view.colours) lines.replace(time.size() + 1, level.name.size(), toned(level.name, level.tone, true));
  return lines;
}

// As `journalctl -o json` has them: numbers are texts.
std::string render_event_json(const Record& event) {
  boost::json::object line;
  line["__SEQNUM"] = fmt::format("{}", event.integer("sequence"));
  line["__REALTIME_TIMESTAMP"] = fmt::format("{:.0f}", event.number("time") * 1e6);
  for (const auto& [name, value] : event.record("fields").members()) line[name] = value;
  return harmless_json(boost::json::serialize(line)) + '\n';
}

}  // namespace gnomon::ctl
