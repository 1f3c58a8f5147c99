// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/reload.hpp"

#include <utility>

#include "config/parse.hpp"
#include "ipc/codec.hpp"

namespace gnomon::core {

namespace {

constexpr std::size_t most_lines = 1'000'000;  // no configuration

}  // namespace

void Reload::begin(bool dry_run, control::ReloadDone done) {
  if (in_progress())
    return done(
        std::unexpected(engine::Refusal{"Another reload is in progress. Try again when it has finished."}));
  stage_ = Stage::reading;
  dry_run_ = dry_run;
  done_ = std::move(done);
  outcome_ = {};
  lines_.clear();
  handlers_.ask_to_read();
}

bool Reload::take(const ipc::Frame& frame) {
  if (stage_ == Stage::reading) return take_part(frame);
  if (stage_ != Stage::using_it || frame.type != ipc::MessageType::configuration_used) return false;
  handlers_.adopt(*config_, lines_);
  outcome_.applied = true;
  end();
  return true;
}

bool Reload::take_part(const ipc::Frame& frame) {
  switch (frame.type) {
    case ipc::MessageType::configuration_error: {
      auto error = ipc::decode<ipc::ConfigurationError>(frame);
      if (!error || outcome_.errors.size() >= control::most_named_changes) return false;
      outcome_.errors.push_back(std::move(*error));
      break;
    }
    case ipc::MessageType::configuration_change: {
      auto change = ipc::decode<ipc::ConfigurationChange>(frame);
      if (!change) return false;
      if (outcome_.changes.size() < control::most_named_changes)
        outcome_.changes.push_back(std::move(*change));
      else
        ++outcome_.further;
      break;
    }
    case ipc::MessageType::configuration_line: {
      auto line = ipc::decode<ipc::ConfigurationLine>(frame);
      if (!line || lines_.size() >= most_lines) return false;
      lines_.push_back(std::move(line->text));
      break;
    }
    case ipc::MessageType::configuration_end:
      return on_end(frame);
    default:
      return false;
  }
  handlers_.ask_for_more();
  return true;
}

bool Reload::on_end(const ipc::Frame& frame) {
  const auto last = ipc::decode<ipc::ConfigurationEnd>(frame);
  if (!last) return false;
  if (!last->usable || dry_run_) {
    end();
    return true;
  }
  auto parsed = config::parse_lines(lines_, config::real_files());
  if (!parsed) return false;  // gnomond has parsed them by the same rules
  config_ = std::move(parsed->config);
  stage_ = Stage::using_it;
  handlers_.ask_to_use();
  return true;
}

// Whoever is told may begin the next one.
void Reload::end() {
  stage_ = Stage::none;
  config_.reset();
  lines_.clear();
  const auto done = std::exchange(done_, {});
  const auto outcome = std::exchange(outcome_, {});
  if (done) done(outcome);
}

}  // namespace gnomon::core
