// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/replay/replay.hpp"

#include <algorithm>
#include <cstdint>
#include <istream>
#include <optional>
#include <streambuf>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/utc_text.hpp"
#include "ctl/record/sealed_line.hpp"
#include "ctl/render/prose.hpp"
#include "ctl/replay/words.hpp"
#include "daemon/core/engine/replay/replayer.hpp"

namespace gnomon::ctl {

namespace {

using engine::replay::Replayed;

constexpr const char* follows_the_end = "something follows the end of the record";
constexpr std::size_t longest_line = std::size_t{64}
                                     << 20U;  // the state of 256 sources takes a quarter of it at most

enum class Read : std::uint8_t { line, end, cut, too_long };

// cut: the end of the file comes before that of the line. Even where all that is missing is the line break.
Read read_line(std::streambuf& record, std::string& line) {
  using Traits = std::streambuf::traits_type;
  line.clear();
  for (auto octet = record.sbumpc(); !Traits::eq_int_type(octet, Traits::eof()); octet = record.sbumpc()) {
    if (Traits::to_char_type(octet) == '\n') return Read::line;
    if (line.size() == longest_line) return Read::too_long;
    line += Traits::to_char_type(octet);
  }
  return line.empty() ? Read::end : Read::cut;
}

class Replay {
 public:
  Replay(const ReplaySettings& settings, const PrintText& decisions, const PrintText& remark)
      : settings_(settings), decisions_(decisions), remark_(remark) {}

  // False: that was the last one, or nothing more can be replayed.
  bool take(std::string_view line);
  // rest: there is something behind the last line break.
  [[nodiscard]] ReplayStatus end(bool rest);
  void too_long();

 private:
  bool damaged(const std::string& what);
  // What a record has in it may be anybody's, and is going to a terminal.
  void remark(std::string_view sentence) const { remark_(harmless_text(sentence)); }
  void compare(const Replayed& step);
  void show(const Replayed& step, std::string_view decided, std::string_view whose);

  const ReplaySettings& settings_;
  const PrintText& decisions_;
  const PrintText& remark_;
  engine::replay::Replayer replayer_;
  std::uint64_t line_ = 0;
  std::uint64_t inputs_ = 0;
  std::uint64_t decided_ = 0;
  std::uint64_t different_ = 0;
  bool damaged_ = false;
  bool finished_ = false;
};

bool Replay::damaged(const std::string& what) {
  remark(fmt::format("{}:{}: {}. {} inputs before it were replayed", settings_.file, line_, what, inputs_));
  damaged_ = true;
  return false;
}

bool Replay::take(std::string_view line) {
  ++line_;
  if (finished_) return damaged(follows_the_end);
  const auto object = unsealed(line_, line);
  if (!object) return damaged(object.error());
  const auto step = replayer_.take(*object);
  if (!step) return damaged(step.error());
  if (step->kind == Replayed::Kind::lost)
    return damaged(
        fmt::format("{} lines were lost here while the record was written: what follows cannot be "
                    "replayed",
                    step->lost));
  finished_ = step->kind == Replayed::Kind::finished;
  if (step->kind == Replayed::Kind::input) compare(*step);
  return true;
}

void Replay::compare(const Replayed& step) {
  ++inputs_;
  const bool same = step.decided == step.recorded;
  if (!step.decided.empty()) ++decided_;
  if (same && step.decided.empty()) return;
  show(step, step.decided, same ? "" : "this engine");
  if (same) return;
  ++different_;
  show(step, step.recorded, "the daemon");
}

void Replay::show(const Replayed& step, std::string_view decided, std::string_view whose) {
  if (settings_.json) {
    const auto by = whose.empty() ? std::string{} : fmt::format(R"(,"by":"{}")", whose);
    const auto time = step.time ? fmt::format(R"(,"time_ns":{})", step.time->time_since_epoch().count()) : "";
    const auto object = fmt::format("{{\"line\":{}{}{},\"input\":\"{}\",\"decided\":{}}}", line_, time, by,
                                    step.input, decided.empty() ? "null" : decided);
    decisions_(harmless_json(object) + "\n");
    return;
  }
  const auto time = step.time ? base::utc_seconds(*step.time) : std::string{};
  const auto by = whose.empty() ? std::string{} : fmt::format(" [{}]", whose);
  auto lines = decided.empty() ? std::vector<std::string>{"nothing"} : words_of(decided);
  for (const auto& words : lines)
    decisions_(harmless_text(fmt::format("{}{}line {} {}{}: {}", time, time.empty() ? "" : " ", line_,
                                         step.input, by, words)) +
               "\n");
}

void Replay::too_long() {
  ++line_;
  static_cast<void>(damaged("it is longer than a line of a record can be"));
}

ReplayStatus Replay::end(bool rest) {
  if (!damaged_ && (rest || !finished_)) {
    ++line_;
    static_cast<void>(damaged(finished_ ? follows_the_end
                              : rest || line_ > 1
                                  ? "the record ends here without its last line: it was cut, or the "
                                    "recording was"
                                  : "the file is empty"));
  }
  if (different_ > 0)
    remark(fmt::format("{}: {} of {} decisions are not those of the daemon", settings_.file, different_,
                       std::max(decided_, different_)));
  if (different_ > 0) return ReplayStatus::different;
  if (damaged_) return ReplayStatus::damaged;
  remark(fmt::format("{}: {} inputs replayed, {} decisions, all as the daemon had made them", settings_.file,
                     inputs_, decided_));
  return ReplayStatus::same;
}

}  // namespace

ReplayStatus replay(std::istream& record, const ReplaySettings& settings, const PrintText& decisions,
                    const PrintText& remark) {
  Replay replay{settings, decisions, remark};
  std::string line;
  auto read = read_line(*record.rdbuf(), line);
  while (read == Read::line && replay.take(line)) read = read_line(*record.rdbuf(), line);
  if (read == Read::too_long) replay.too_long();
  return replay.end(read == Read::cut);
}

}  // namespace gnomon::ctl
