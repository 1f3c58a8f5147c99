// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-replay: runs the engine over a record and prints what it decides.
#include <cerrno>
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>
#include <system_error>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "ctl/replay/replay.hpp"

#ifndef GNOMON_VERSION
#error "the build file states the version"
#endif

using namespace gnomon;

namespace {

int cannot_read(const ctl::ReplaySettings& settings, const std::string& reason) {
  std::fprintf(stderr, "gnomon-replay: %s: %s\n", settings.file.c_str(), reason.c_str());
  return static_cast<int>(ctl::ReplayStatus::damaged);
}

int run(const ctl::ReplaySettings& settings) try {
  std::ifstream record{settings.file, std::ios::binary};
  if (!record) return cannot_read(settings, std::generic_category().message(errno));
  const auto status = ctl::replay(
      record, settings, [](const std::string& text) { std::fputs(text.c_str(), stdout); },
      [](const std::string& sentence) { std::fprintf(stderr, "gnomon-replay: %s\n", sentence.c_str()); });
  if (std::fflush(stdout) == 0) return static_cast<int>(status);
  std::fprintf(stderr, "gnomon-replay: standard output: %s\n",
               std::generic_category().message(errno).c_str());
  return static_cast<int>(ctl::ReplayStatus::damaged);
} catch (const std::ios_base::failure& error) {
  return cannot_read(settings, error.code().message());
}

}  // namespace

int main(int argc, char** argv) try {
  ctl::ReplaySettings settings;
  CLI::App app{"Runs gnomon's engine over a record of `gnomonctl record` and prints what it decides."};
  app.name("gnomon-replay");
  app.add_option("FILE", settings.file, "The record")->required();
  app.add_flag("--json", settings.json, "Each decision as a JSON object on a line of its own");
  app.set_version_flag("-v,--version", "gnomon-replay " GNOMON_VERSION);
  app.footer(
      "Examples:\n"
      "  gnomonctl record --for 1h clock.record   write one\n"
      "  gnomon-replay clock.record               what was decided, and whether it is decided again\n"
      "  gnomon-replay --json clock.record | jq -c .decided\n"
      "Exit status: 0 all decisions are those of the daemon, 1 some are not, 2 the record is not whole");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ctl::ReplayStatus::damaged);
  }
  return run(settings);
} catch (const std::exception& error) {
  std::fprintf(stderr, "gnomon-replay: %s\n", error.what());
  return static_cast<int>(ctl::ReplayStatus::damaged);
}
