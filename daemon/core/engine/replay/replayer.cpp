// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/replay/replayer.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/raw_text.hpp"
#include "daemon/core/engine/replay/forms.hpp"
#include "daemon/core/engine/replay/layout.hpp"
#include "daemon/core/engine/replay/record_text.hpp"
#include "daemon/core/engine/replay/text_reader.hpp"

namespace gnomon::engine::replay {

namespace {

std::optional<Input> take_input(TextReader& reader, std::size_t index) {
  std::optional<Input> input;
  const auto take_as = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
    if (index != I) return false;
    std::variant_alternative_t<I, Input> value{};
    if (reader.take(value)) input.emplace(std::move(value));
    return true;
  };
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    static_cast<void>((take_as(std::integral_constant<std::size_t, I>{}) || ...));
  }(std::make_index_sequence<std::variant_size_v<Input>>{});
  return input;
}

std::optional<base::RealTime> time_of(const Input& input) {
  return std::visit(
      [](const auto& one) -> std::optional<base::RealTime> {
        if constexpr (requires { one.now.real; })
          return one.now.real;
        else
          return std::nullopt;
      },
      input);
}

}  // namespace

Replayer::Result Replayer::take(std::string_view line) {
  TextReader reader{line};
  if (!begun_) {
    if (!reader.skip(R"("kind":"record",)"))
      return std::unexpected("it is not the first line of a record: `\"kind\":\"record\"` is missing");
    return begin(reader.rest());
  }
  if (reader.skip(R"("kind":"state",)")) return restore(reader.rest());
  if (reader.skip(R"("kind":"input",)")) return replay(reader.rest());
  if (reader.skip(R"("kind":"lost",)")) return lost(reader.rest());
  if (reader.skip(R"("kind":"end",)")) return Replayed{.kind = Replayed::Kind::finished};
  for (const auto* const kind : {"configuration", "packet", "event"})
    if (line.starts_with(fmt::format(R"("kind":"{}",)", kind))) return Replayed{};
  return std::unexpected("it is of a kind that format 1 does not have");
}

Replayer::Result Replayer::begin(std::string_view rest) {
  TextReader reader{rest};
  int format = 0;
  std::string layout;
  std::string program;
  if (!reader.skip(R"("format":)") || !reader.take(format))
    return std::unexpected("it does not say which format the record has");
  if (format != record_format)
    return std::unexpected(
        fmt::format("the record has format {}, and this program reads format {}: use the "
                    "gnomon-replay of the version that has recorded it",
                    format, record_format));
  if (!reader.skip(R"(,"layout":)") || !reader.take(layout) || !reader.skip(R"(,"program":)") ||
      !reader.take(program))
    return std::unexpected("it does not say which program has made the record");
  if (!can_read(layout, record_layout()))
    return std::unexpected(
        fmt::format("the record is of {}, whose engine has other parts: use the gnomon-replay of "
                    "that version",
                    program));
  older_ = layout != record_layout();
  begun_ = true;
  return Replayed{};
}

Replayer::Result Replayer::restore(std::string_view rest) {
  if (keeper_) return std::unexpected("a second state in one record");
  TextReader reader{rest, older_};
  Timekeeper keeper{TimekeeperSettings{}};
  if (!reader.skip(R"("value":)") || !reader.take(keeper) || !reader.skip("}") || !reader.at_end() ||
      !keeper.relink())
    return std::unexpected("it is no state that an engine can be in");
  keeper_.emplace(std::move(keeper));
  // What points into the state points to where it is now.
  if (!keeper_->relink()) return std::unexpected("it is no state that an engine can be in");
  writer_.emplace(*keeper_);
  return Replayed{};
}

Replayer::Result Replayer::replay(std::string_view rest) {
  if (!keeper_) return std::unexpected("an input before the state");
  TextReader reader{rest, older_};
  std::string name;
  if (!reader.skip(R"("input":)") || !reader.take(name) || !reader.skip(R"(,"value":)"))
    return std::unexpected("an input without name or value");
  std::size_t index = 0;
  while (index < input_names.size() && input_names.at(index) != name) ++index;
  if (index == input_names.size())
    return std::unexpected(fmt::format("the engine has no input `{}`", name.substr(0, 40)));
  const auto input = take_input(reader, index);
  if (!input) return std::unexpected(fmt::format("the value is none of the input `{}`", name));
  std::string_view recorded;
  if (reader.skip(R"(,"decided":)")) {
    recorded = reader.rest();
    recorded.remove_suffix(recorded.empty() ? 0 : 1);
  } else if (!reader.skip("}") || !reader.at_end()) {
    return std::unexpected(fmt::format("something follows the value of the input `{}`", name));
  }
  const auto outcome = hand_in(*keeper_, *input);
  return Replayed{
      .kind = Replayed::Kind::input,
      .input = input_names.at(index),
      .time = time_of(*input),
      .decided = base::written_out(writer_->decided(outcome, *keeper_).view(), forms()).value_or(""),
      .recorded = std::string{recorded}};
}

Replayer::Result Replayer::lost(std::string_view rest) {
  TextReader reader{rest};
  Replayed replayed{.kind = Replayed::Kind::lost};
  if (!reader.skip(R"("lines":)") || !reader.take(replayed.lost))
    return std::unexpected("it does not say how many lines were lost");
  return replayed;
}

}  // namespace gnomon::engine::replay
