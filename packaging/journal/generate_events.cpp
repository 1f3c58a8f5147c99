// SPDX-License-Identifier: GPL-2.0-or-later
// Prints what is generated from the table of events: `catalog`, the journal's message catalog, or `page`,
// docs/events.md.
#include <array>
#include <span>
#include <string_view>

#include <fmt/core.h>

#include "base/log_event.hpp"

using namespace gnomon::base;

namespace {

struct Row {
  LogEvent event;
  std::string_view title;
  std::string_view cause;
  std::string_view effect;
  std::string_view remedy;
};
#define GNOMON_EVENT(name, id, level, repeats, title, cause, effect, remedy) \
  Row{LogEvent::name, title, cause, effect, remedy},
constexpr std::array sources{
#include "base/events/sources.inc"
};
constexpr std::array nts{
#include "base/events/nts.inc"
};
constexpr std::array clock_rows{
#include "base/events/clock.inc"
};
constexpr std::array server{
#include "base/events/server.inc"
};
constexpr std::array files{
#include "base/events/files.inc"
};
constexpr std::array processes{
#include "base/events/processes.inc"
};
#undef GNOMON_EVENT

struct Area {
  std::string_view title;
  std::span<const Row> rows;
};
constexpr std::array areas{Area{"Sources", sources},      Area{"NTS as a client", nts},
                           Area{"The clock", clock_rows}, Area{"Serving", server},
                           Area{"Files", files},          Area{"The daemon and its processes", processes}};

struct FieldWords {
  std::string_view name;
  std::string_view what;
};
constexpr std::array fields{
#define GNOMON_FIELD(name, journal_name, identifies, what) FieldWords{journal_name, what},
#include "base/events/fields.inc"
#undef GNOMON_FIELD
};

std::string_view name_of(LogLevel level) {
  constexpr std::array<std::string_view, 8> names{"emergency", "alert",  "critical", "error",
                                                  "warning",   "notice", "info",     "debug"};
  return names.at(static_cast<std::size_t>(level));
}

void print_catalog() {
  fmt::print("# Messages of gnomon, for `journalctl -x`.\n");
  for (const auto& area : areas)
    for (const auto& row : area.rows) {
      fmt::print("\n-- {}\nSubject: {}\nDefined-By: gnomon\nDocumentation: man:gnomond(8)\n\n",
                 traits_of(row.event).message_id, row.title);
      fmt::print("Cause: {}\n\nEffect: {}\n\nWhat to do: {}\n", row.cause, row.effect, row.remedy);
    }
}

constexpr std::string_view introduction =
    R"(<!-- Generated from base/events by `ninja -C build update-events`; a test compares. -->
# Messages of gnomon

Every message has a name and a MESSAGE_ID that never change. The journal explains each of them:

    journalctl -x -u gnomond
    journalctl -u gnomond GNOMON_EVENT=ke_failed -o verbose
    journalctl -u gnomond GNOMON_SOURCE=time.example.net
    journalctl -u gnomond -p err

Repetitions (the same event with the same source and reason) are written five times, then once in ten minutes. Of one event at
most 50 are written in a burst, then one a minute. The next one written says how many were suppressed. Events marked *every* are
never suppressed.

Without a journal (`-d`, `-l FILE`) the same texts are written as lines.

## Fields
| field | meaning |
|---|---|
| `MESSAGE_ID`, `PRIORITY`, `GNOMON_EVENT` | As listed below, on every message |
| `GNOMON_ROLE` | The process that wrote it, on every message: launcher, core, clock, resolve, ntske-server, ntske-client, refclock, metrics |
| `GNOMON_SUPPRESSED` | How many messages like this one were suppressed before it |
)";

void print_page() {
  fmt::print("{}", introduction);
  for (const auto& field : fields) fmt::print("| `{}` | {} |\n", field.name, field.what);
  for (const auto& area : areas) {
    fmt::print("\n## {}\n", area.title);
    for (const auto& row : area.rows) {
      const auto& event = traits_of(row.event);
      fmt::print("\n### {}\n{}{}, `{}`\n\n**{}.** {}\n- Effect: {}\n- What to do: {}\n", event.name,
                 name_of(event.level), event.repeats == Repeats::every ? ", every" : "", event.message_id,
                 row.title, row.cause, row.effect, row.remedy);
    }
  }
}

}  // namespace

int main(int count, char** arguments) {
  const std::span words_given{arguments, static_cast<std::size_t>(count)};
  const std::string_view what = count == 2 ? words_given[1] : "";
  if (what != "catalog" && what != "page") {
    fmt::print(stderr, "usage: generate-events catalog|page\n");
    return 2;
  }
  what == "catalog" ? print_catalog() : print_page();
  return 0;
}
