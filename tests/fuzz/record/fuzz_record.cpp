// SPDX-License-Identifier: GPL-2.0-or-later
// Records out of any octets. As a file: whatever it is, it is read to its end or refused, and nothing that
// was altered passes. As lines whose check sums are right, as a program would make them that is up to
// something: each value is refused, or written back as text that says the same. The engine is not run over
// them: it trusts whoever hands its inputs in.
#include <algorithm>
#include <array>
#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/raw_text.hpp"
#include "ctl/record/sealed_line.hpp"
#include "ctl/replay/replay.hpp"
#include "daemon/core/engine/discipline/timekeeper.hpp"
#include "daemon/core/engine/replay/forms.hpp"
#include "daemon/core/engine/replay/input.hpp"
#include "daemon/core/engine/replay/text_reader.hpp"
#include "daemon/core/engine/replay/text_writer.hpp"
#include "ipc/base64.hpp"
#include "tests/fuzz/require.hpp"

using namespace gnomon;
using namespace gnomon::engine;

namespace {

void read_as_file(const std::string& text) {
  std::istringstream record{text};
  const auto ignore = [](const std::string&) {};
  static_cast<void>(ctl::replay(record, {.file = "record"}, ignore, ignore));
}

void seal(const std::string& text, std::uint8_t altered_by) {
  auto line = ctl::sealed(7, '{' + text);
  line.pop_back();
  const auto read = ctl::unsealed(7, line);
  require(read && *read == text);
  if (altered_by == 0) return;
  auto& octet = line[text.size() % line.size()];
  octet = static_cast<char>(octet ^ altered_by);
  require(!ctl::unsealed(7, line));
}

// A line as it comes from a daemon, which may be any.
void read_as_reply(const std::string& text) {
  static_cast<void>(base::written_out(text));
  if (const auto octets = ipc::from_base64(text)) static_cast<void>(base::written_out(*octets));
  const auto line_end = std::min(text.find('\n'), text.size());
  const std::array forms{text.substr(0, line_end)};
  static_cast<void>(base::written_out(text.substr(line_end), forms));
  static_cast<void>(base::written_out(text, replay::forms()));
  std::string encoded;
  ipc::append_base64(encoded, text);
  require(ipc::from_base64(encoded) == text);
}

template <class T>
std::string text_of(const T& value) {
  base::RawText raw;
  replay::append(raw, value);
  const auto text = base::written_out(raw.view());
  require(text.has_value());
  return text.value_or("");
}

template <class T>
void read_as(std::string_view text) {
  T value{};
  replay::TextReader reader{text};
  if (!reader.take(value)) return;
  const auto written = text_of(value);
  base::RawText form;
  if (replay::append_input(form, Input{value}))
    require(base::written_out(form.view(), replay::forms()).value_or("").ends_with(":" + written));
  T again{};
  replay::TextReader second{written};
  require(second.take(again) && second.at_end());
  require(text_of(again) == written);
}

void read_as_state(std::string_view text) {
  Timekeeper keeper{TimekeeperSettings{}};
  replay::TextReader reader{text};
  if (reader.take(keeper)) static_cast<void>(keeper.relink());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{data, data + size};
  read_as_file(text);
  read_as_reply(text);
  if (size == 0) return 0;
  const auto kind = data[0];
  const auto rest = text.substr(1);
  seal(rest, kind);
  if (kind % 32 == 31) read_as_state(rest);
  const auto read_one = [&]<std::size_t... I>(std::index_sequence<I...>) {
    ((kind % 32 == I ? read_as<std::variant_alternative_t<I, Input>>(rest) : void()), ...);
  };
  read_one(std::make_index_sequence<std::variant_size_v<Input>>{});
  return 0;
}
