// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/control/record_methods.hpp"

#include <chrono>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "daemon/core/control/kept_methods.hpp"
#include "daemon/core/control/recording.hpp"
#include "ipc/base64.hpp"

namespace gnomon::core::control {

namespace {

// What is below malloc's threshold for memory of its own stays mapped from one reply to the next.
constexpr std::size_t usual_reply = 32UL * 1024UL;

// A reply with lines, made as text: there are thousands of them.
class Reply {
 public:
  Reply() {
    text_.reserve(usual_reply + usual_reply / 8);
    text_ += R"({"parameters":{"lines":[)";
  }
  // The lines are over.
  void begin_forms() { text_ += R"(],"forms":[)"; }
  void add(std::string_view line) {
    text_ += text_.back() == '[' ? "\"" : ",\"";
    ipc::append_base64(text_, line);
    text_ += '"';
  }
  [[nodiscard]] bool is_full() const { return text_.size() >= usual_reply; }
  std::string finish(std::uint64_t lost, std::uint64_t last) && {
    text_ += fmt::format(R"(],"lost":{},"last":{}}},"continues":true}})", lost, last);
    text_ += '\0';
    return std::move(text_);
  }

 private:
  std::string text_;
};

std::string next_lines(KeptQuery& query, const KeptLog& log) {
  const auto lost = pass_over_lost(query, log);
  Reply reply;
  while (has_news(query, log) && !reply.is_full())
    if (const auto kept = log.ring().find(++query.after))
      reply.add(
          {reinterpret_cast<const char*>(kept->fields.data()), kept->fields.size()});  // NOLINT: as text
  return std::move(reply).finish(lost, query.after);
}

constexpr KeptKind lines{.none_kept = "",
                         .begin = nullptr,
                         .add = nullptr,
                         .gather = std::chrono::seconds{1},
                         .make_reply = next_lines,
                         .forgets = true};

}  // namespace

// A record is what happens from now on.
Answer record_once(Parameters& /*none*/, Reporter& /*from*/) {
  return refusal("io.gnomon.Control.Failed", {{"explanation", "Record is called with `more`."}});
}

Answer record(Parameters& /*none*/, Reporter& from) {
  const auto recording = from.begin_recording();
  if (!recording) return refusal("io.gnomon.Control.Failed", {{"explanation", recording.error().sentence}});
  Reply first;
  for (const auto& line : recording->lines) first.add(line);
  first.begin_forms();
  for (const auto& form : recording->forms) first.add(form);
  const auto last = recording->log->ring().next() - 1;
  Answer answer{.text = std::move(first).finish(0, last)};
  answer.then = AfterReply::follow;
  answer.following = {.kind = &lines,
                      .log = recording->log,
                      .query = {.after = last, .any = true},
                      .reader = recording->reader};
  return answer;
}

}  // namespace gnomon::core::control
