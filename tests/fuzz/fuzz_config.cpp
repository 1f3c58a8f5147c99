// SPDX-License-Identifier: GPL-2.0-or-later
// Any text is either refused with a place for every mistake, or its effective lines mean the same again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "config/parse.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace gnomon::config;

// The text under test may include itself, and finds itself in every directory.
FileAccess only_file(const std::string& text) {
  return {.read = [&text](const std::string& path) -> std::expected<std::string, std::string> {
            if (path != "f" && !path.ends_with("/f.conf"))
              return std::unexpected{"No such file or directory"};
            return text;
          },
          .glob =
              [](const std::string& pattern) {
                if (pattern.ends_with("/*.conf")) return std::vector<std::string>{"d/f.conf"};
                return std::vector<std::string>{};
              }};
}

void check_mistakes(const std::vector<Diagnostic>& mistakes) {
  require(!mistakes.empty() && mistakes.size() <= 202);
  for (const auto& mistake : mistakes) {
    require(mistake.place.line > 0 && mistake.place.column > 0);
    require(!mistake.message.empty() && !to_text(mistake).empty());
  }
}

void check_same_again(const Parsed& parsed) {
  std::vector<std::string> lines;
  lines.reserve(parsed.lines.size());
  for (const auto& line : parsed.lines) lines.push_back(line.text);
  const FileAccess none{
      .read = [](const std::string&) -> std::expected<std::string, std::string> { std::abort(); },
      .glob = [](const std::string&) -> std::vector<std::string> { std::abort(); }};
  const auto again = parse_lines(lines, none);
  require(again && again->config == parsed.config && again->lines.size() == lines.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto parsed = parse_file("f", only_file(text));
  if (parsed)
    check_same_again(*parsed);
  else
    check_mistakes(parsed.error());
  const auto sources = parse_sources(text, "f");
  for (const auto& source : sources.sources) require(!source.name.empty());
  return 0;
}
