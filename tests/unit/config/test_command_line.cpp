// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/command_line.hpp"

#include <filesystem>
#include <fstream>

#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using namespace gnomon::config;

namespace {

std::expected<CommandLine, std::string> parse(std::vector<std::string> words) {
  words.insert(words.begin(), "gnomond");
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  return parse_command_line(arguments);
}

struct Refused {
  std::vector<std::string> words;
  const char* said;
};

}  // namespace

TEST_CASE("without options the daemon reads its file in the background") {
  const auto line = parse({});
  REQUIRE(line);
  CHECK(line->mode == RunMode::daemon);
  CHECK(line->config_file == "/etc/gnomon/gnomon.conf");
  CHECK_FALSE(line->foreground);
  CHECK(line->directives.empty());
}

TEST_CASE("every option is understood") {
  const auto line = parse({"-4",  "-f", "/c",     "-n", "-l", "/l", "-L", "-1", "-r", "-R", "-s", "-t",
                           "1.5", "-u", "nobody", "-U", "-F", "-2", "-P", "50", "-m", "-x", "-N", "4"});
  REQUIRE(line);
  CHECK(line->family == base::AddressFamily::ipv4);
  CHECK(line->config_file == "/c");
  CHECK(line->foreground);
  CHECK(line->debug == 0);
  CHECK(line->log_file == "/l");
  CHECK(line->log_level == -1);
  CHECK((line->restore_history && line->no_start_adjustments && line->set_from_rtc && line->skip_root_check));
  CHECK(line->timeout == base::Seconds{1.5});
  CHECK(line->user == "nobody");
  CHECK(line->filter_level == -2);
  CHECK(line->priority == 50);
  CHECK((line->lock_memory && line->no_clock_control));
  CHECK(line->notify_fd == 4);
}

TEST_CASE("the one-shot modes imply what they need") {
  const auto set = parse({"-q"});
  REQUIRE(set);
  CHECK(
      (set->mode == RunMode::set_once && set->foreground && !set->no_clock_control && !set->skip_root_check));
  const auto print = parse({"-Q"});
  REQUIRE(print);
  CHECK((print->mode == RunMode::print_once && print->foreground && print->no_clock_control &&
         print->skip_root_check));
  const auto config = parse({"-p"});
  REQUIRE(config);
  CHECK((config->mode == RunMode::print_config && config->skip_root_check));
}

TEST_CASE("short options may be bundled, the last one with its value") {
  const auto line = parse({"-6ddxf/c", "-Qt5"});
  REQUIRE(line);
  CHECK(line->family == base::AddressFamily::ipv6);
  CHECK(line->debug == 2);
  CHECK(line->foreground);
  CHECK(line->no_clock_control);
  CHECK(line->config_file == "/c");
  CHECK(line->mode == RunMode::print_once);
  CHECK(line->timeout == base::Seconds{5});
  const auto apart = parse({"-xf", "/d"});
  REQUIRE(apart);
  CHECK(apart->config_file == "/d");
}

TEST_CASE("other words are directives, before and after options, and all of them after --") {
  const auto line = parse({"server a iburst", "-Q", "makestep 1 -1", "--", "-x", "--"});
  REQUIRE(line);
  CHECK(line->directives == std::vector<std::string>{"server a iburst", "makestep 1 -1", "-x", "--"});
  CHECK(line->mode == RunMode::print_once);
}

TEST_CASE("help and version end the reading") {
  CHECK(parse({"-h", "-Z"})->show_help);
  CHECK(parse({"--help", "--nonsense"})->show_help);
  CHECK(parse({"-v"})->show_version);
  CHECK(parse({"--version"})->show_version);
  CHECK(parse({"-xvZ"})->show_version);
}

TEST_CASE("what is wrong is said in one sentence") {
  const auto refused = GENERATE(values<Refused>({
      {{"-Z"}, "unknown option -Z, try -h"},
      {{"-xZ"}, "unknown option -Z, try -h"},
      {{"--verbose"}, "unknown option --verbose, try --help"},
      {{"-f"}, "option -f needs a value, try -h"},
      {{"-t", "soon"}, "option -t must be a number of seconds, not 'soon'"},
      {{"-t", "-1"}, "option -t must be a number of seconds, not '-1'"},
      {{"-t", "nan"}, "option -t must be a number of seconds, not 'nan'"},
      {{"-L", "4"}, "option -L must be a whole number from -1 to 3, not '4'"},
      {{"-L2x"}, "option -L must be a whole number from -1 to 3, not '2x'"},
      {{"-P", "101"}, "option -P must be a whole number from 0 to 100, not '101'"},
  }));
  const auto line = parse(refused.words);
  REQUIRE_FALSE(line);
  CHECK(line.error() == refused.said);
}

TEST_CASE("the help names every option") {
  const auto text = usage("gnomond");
  CHECK(text.starts_with("Usage: gnomond "));
  for (const char option : std::string{"46fndlLpqQrRstuUFPmNxvh"}) {
    CAPTURE(option);
    CHECK(text.find(std::string{" -"} + option) != std::string::npos);
  }
}

TEST_CASE("the table of options says which take a value") {
  for (const auto& option : option_rows()) {
    CAPTURE(option.letter);
    const auto alone = parse({std::string{"-"} + option.letter});
    CHECK(alone.has_value() == option.argument.empty());
    CHECK(option.text.ends_with('.'));
  }
}

TEST_CASE("no arguments at all, not even a name, is no options") {
  CHECK(parse_command_line({}));
}

TEST_CASE("only chronyd's name makes chrony's configuration the one that is read, the first there is") {
  const auto all = [](const char*) { return true; };
  const auto none = [](const char*) { return false; };
  const auto red_hat = [](const char* file) { return std::string_view{file} == "/etc/chrony.conf"; };
  CHECK(default_file("gnomond", all) == "/etc/gnomon/gnomon.conf");
  CHECK(default_file("chronyd", none) == "/etc/gnomon/gnomon.conf");
  CHECK(default_file("chronyd", all) == "/etc/chrony/chrony.conf");
  CHECK(default_file("chronyd", red_hat) == "/etc/chrony.conf");
  CHECK(usage("chronyd").find(default_file("chronyd")) != std::string::npos);
}

TEST_CASE("we take chronyd's place where its program is a link to gnomond") {
  const testing::TemporaryFolder folder;
  const auto in_it = [&](const char* name) { return folder / name; };
  CHECK_FALSE(takes_chronyds_place(in_it("chronyd")));
  std::ofstream{in_it("gnomond")} << "program";
  std::filesystem::create_symlink("gnomond", in_it("chronyd"));
  CHECK(takes_chronyds_place(in_it("chronyd")));
  std::filesystem::remove(in_it("chronyd"));
  std::ofstream{in_it("chronyd")} << "chrony's own";
  CHECK_FALSE(takes_chronyds_place(in_it("chronyd")));
}
