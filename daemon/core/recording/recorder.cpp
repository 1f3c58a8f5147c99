// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/recording/recorder.hpp"

#include <utility>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/log_event.hpp"
#include "daemon/core/engine/replay/forms.hpp"
#include "daemon/core/engine/replay/record_text.hpp"

namespace gnomon::core {

namespace {

namespace replay = engine::replay;

}  // namespace

Recorder::Recorder(const base::Clock& clock, std::string program, std::vector<std::string> configuration)
    : clock_(clock), program_(std::move(program)), configuration_(std::move(configuration)) {}

std::expected<control::Recording, engine::Refusal> Recorder::begin(const engine::Timekeeper& keeper) {
  if (active())
    return std::unexpected("Another recording is under way; end that one (gnomonctl record) first.");
  if (keeper.verdicts().size() > most_sources)
    return std::unexpected(fmt::format(
        "There are {} sources, and a recording holds the state of at most {}: to write down more at once "
        "would keep the daemon from its work.",
        keeper.verdicts().size(), most_sources));
  control::Recording recording{.forms = replay::forms()};
  recording.lines.emplace_back(replay::record_line(program_, clock_.now()).view());
  for (const auto& line : configuration_)
    recording.lines.emplace_back(replay::configuration_line(line).view());
  recording.lines.emplace_back(replay::state_line(keeper).view());
  memory_.assign(memory_size, 0);
  recording.log = &log_.emplace(memory_, clock_, EventRing::Reader::nobody_else);
  // The number that the reader has seen: without one it could not lose any.
  add(recording.lines.front());
  decided_.emplace(keeper);
  recording.reader = std::make_shared<bool>();
  reader_ = recording.reader;
  return recording;
}

bool Recorder::active() {
  if (!log_) return false;
  if (!reader_.expired()) return true;
  log_.reset();
  memory_ = {};
  return false;
}

void Recorder::add(std::string_view line) {
  // Nobody asks when that was: it is in the lines.
  if (!line.empty()) log_->add({}, {reinterpret_cast<const std::uint8_t*>(line.data()), line.size()});
}

void Recorder::take(const engine::Input& input, const engine::InputResult& outcome,
                    const engine::Timekeeper& keeper) {
  if (!active()) return;
  line_.shorten_to(0);
  replay::append_input_line(line_, input, *decided_, outcome, keeper);
  add(line_.view());
}

void Recorder::take(base::SourceId source, const engine::Received& packet) {
  if (!active()) return;
  line_.shorten_to(0);
  replay::append_packet_line(line_, source, packet);
  add(line_.view());
}

void Recorder::take(const base::LogMessage& message) {
  if (active())
    add(replay::event_line(base::traits_of(message.event).name, message.text, clock_.now().real).view());
}

void Recorder::use_configuration(std::vector<std::string> lines) {
  configuration_ = std::move(lines);
  if (!active()) return;
  for (const auto& line : configuration_) add(replay::configuration_line(line).view());
}

}  // namespace gnomon::core
