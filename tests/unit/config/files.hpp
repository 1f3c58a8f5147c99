// SPDX-License-Identifier: GPL-2.0-or-later
// Files that exist in a map only, and what was said about a configuration, for the tests of this folder.
#pragma once

#include <fnmatch.h>

#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "config/parse.hpp"

namespace gnomon::config {

using FileMap = std::map<std::string, std::string>;

inline FileAccess files_of(const FileMap& map) {
  return {.read = [map](const std::string& path) -> std::expected<std::string, std::string> {
            const auto file = map.find(path);
            if (file == map.end()) return std::unexpected{"No such file or directory"};
            return file->second;
          },
          .glob =
              [map](const std::string& pattern) {
                std::vector<std::string> paths;
                for (const auto& [path, text] : map) {
                  if (fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME) == 0) paths.push_back(path);
                }
                return paths;
              }};
}

inline std::expected<Parsed, std::vector<Diagnostic>> parse_text(const std::string& text,
                                                                 FileMap others = {}) {
  others["g.conf"] = text;
  return parse_file("g.conf", files_of(others));
}

// The configuration must be right; otherwise the test fails with what was said.
inline Config config_of(const std::string& text, FileMap others = {}) {
  auto parsed = parse_text(text, std::move(others));
  if (!parsed) throw std::runtime_error(to_text(parsed.error().front()));
  return std::move(parsed->config);
}

// What is wrong, one line each; empty if nothing is.
inline std::vector<std::string> complaints(const std::string& text, FileMap others = {}) {
  std::vector<std::string> result;
  const auto parsed = parse_text(text, std::move(others));
  if (parsed) return result;
  for (const auto& diagnostic : parsed.error()) result.push_back(to_text(diagnostic));
  return result;
}

inline std::vector<std::string> texts(const Parsed& parsed) {
  std::vector<std::string> result;
  result.reserve(parsed.lines.size());
  for (const auto& line : parsed.lines) result.push_back(line.text);
  return result;
}

}  // namespace gnomon::config
