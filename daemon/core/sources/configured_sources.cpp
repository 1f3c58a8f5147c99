// SPDX-License-Identifier: GPL-2.0-or-later
// Sources of the configuration when that has become another one.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "daemon/core/sources/run_time_options.hpp"
#include "daemon/core/sources/sources.hpp"

namespace gnomon::core {

namespace {

std::string key_of(const config::Source& source) {
  return fmt::format("{} {} {}", static_cast<int>(source.kind), source.port, source.name);
}

// Those before that are not there any more, by kind, port and name, and those that are new.
class Difference {
 public:
  Difference(const std::vector<config::Source>& before, const std::vector<config::Source>& now) {
    for (const auto& source : before) gone_.emplace(key_of(source), &source);
    for (const auto& source : now)
      if (!take(source, [&](const auto& old) { return old == source; })) added_.push_back(&source);
  }
  // The first of that name that fits, which is not gone then; null: there is none.
  template <class Fits>
  const config::Source* take(const config::Source& source, const Fits& fits) {
    const auto [first, last] = gone_.equal_range(key_of(source));
    const auto found = std::find_if(first, last, [&](const auto& one) { return fits(*one.second); });
    if (found == last) return nullptr;
    const auto* const taken = found->second;
    gone_.erase(found);
    return taken;
  }
  [[nodiscard]] const auto& gone() const { return gone_; }
  [[nodiscard]] const auto& added() const { return added_; }

 private:
  std::unordered_multimap<std::string, const config::Source*> gone_;
  std::vector<const config::Source*> added_;
};

}  // namespace

void Sources::change_options(const config::Source& before, const config::Source& now) {
  pools_.change_line(before, now);
  for (const auto& entry : entries_) {
    if (entry->configured != before || entry->removed) continue;
    auto changed = entry->task->association().source();
    take_options(changed, before, now);
    reconfigure(*entry, changed);
    entry->configured = now;
  }
  log_.write(base::LogEvent::source_changed,
             fmt::format("Source {} has other options; its measurements stay", now.name),
             {{base::LogField::source, now.name}});
}

ClockEvents Sources::replace_configured(const std::vector<config::Source>& before,
                                        const std::vector<config::Source>& now) {
  Difference difference{before, now};
  std::vector<const config::Source*> added;
  for (const auto* source : difference.added()) {
    const auto* const same =
        difference.take(*source, [&](const auto& old) { return can_take(old, *source); });
    if (same != nullptr)
      change_options(*same, *source);
    else
      added.push_back(source);
  }
  for (const auto& [key, source] : difference.gone()) remove(*source);
  ClockEvents events;
  for (const auto* source : added) {
    auto one = add(*source);
    if (!one) continue;
    log_added(*source);
    events.append(std::move(*one));
  }
  return events;
}

void Sources::retune(const SourcesTuning& tuning) {
  settings_.records = tuning.records;
  settings_.no_certificate_time_check = tuning.no_certificate_time_check;
  settings_.context.nts_refresh = tuning.nts_refresh;
  settings_.context.name_refresh = tuning.name_refresh;
  for (const auto& entry : entries_) entry->task->association().set_context(settings_.context);
}

}  // namespace gnomon::core
