// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include <filesystem>
#include <map>

#include "base/os/file.hpp"
#include "daemon/launcher/files/config_file.hpp"
#include "daemon/launcher/files/folders.hpp"
#include "daemon/launcher/privileges.hpp"
#include "daemon/launcher/roles/programs.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using namespace gnomon::launcher;

namespace {

config::FileAccess files_of(std::map<std::string, std::string> content) {
  return {.read = [content](const std::string& path) -> std::expected<std::string, std::string> {
            const auto at = content.find(path);
            if (at == content.end()) return std::unexpected("No such file or directory");
            return at->second;
          },
          .glob = [content](const std::string& pattern) -> std::vector<std::string> {
            if (content.contains(pattern)) return {pattern};
            return {};
          }};
}

bool everybody_exists(const std::string&) {
  return true;
}
bool nobody_else_exists(const std::string& name) {
  return name == "nobody";
}

constexpr Privileges full_root{.root = true, .may_set_clock = true, .may_change_user = true};
constexpr Privileges ordinary{};

}  // namespace

TEST_CASE("a missing default configuration says what to do") {
  const auto nothing = read_configuration({}, files_of({}));
  REQUIRE_FALSE(nothing);
  REQUIRE(nothing.error().size() == 1);
  CHECK(nothing.error().front().find("/etc/gnomon/gnomon.conf") != std::string::npos);
  CHECK(nothing.error().front().find("-f") != std::string::npos);
}

TEST_CASE("all errors are listed, and the last line counts them") {
  config::CommandLine options;
  options.config_file = "/x.conf";
  const auto bad =
      read_configuration(options, files_of({{"/x.conf", "prot 1\nserver\nminsources 1\nlocla\n"}}));
  REQUIRE_FALSE(bad);
  REQUIRE(bad.error().size() == 4);
  CHECK(bad.error()[0].find("/x.conf:1:") == 0);
  CHECK(bad.error()[2].find("/x.conf:4:") == 0);
  CHECK(bad.error()[3] == "gnomond: configuration has 3 errors, not starting");
}

TEST_CASE("directives of the command line stand for the file") {
  config::CommandLine options;
  options.directives = {"port 0", "server 192.0.2.1"};
  const auto parsed = read_configuration(options, files_of({}));
  REQUIRE(parsed);
  CHECK(parsed->lines.size() == 2);
}

TEST_CASE("the copy for the core can be read from its beginning and not be changed") {
  const auto memory = sealed_copy({{.text = "port 0"}, {.text = "server 192.0.2.1"}});
  REQUIRE(memory);
  CHECK(write(memory->get(), "x", 1) == -1);
  CHECK(ftruncate(memory->get(), 0) == -1);
  CHECK(base::read_to_end(memory->get()).value() == "port 0\nserver 192.0.2.1\n");
}

TEST_CASE("without the right to set the clock there must be an option that leaves it alone") {
  CHECK(check_clock_rights({}, full_root));
  const auto refused = check_clock_rights({}, ordinary);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().find("Not superuser") == 0);
  CHECK(refused.error().find("-x") != std::string::npos);
  CHECK_FALSE(check_clock_rights({}, {.root = true, .may_set_clock = false}));
  config::CommandLine options;
  options.skip_root_check = true;
  CHECK(check_clock_rights(options, ordinary));
  options = {};
  options.no_clock_control = true;
  CHECK(check_clock_rights(options, ordinary));
  options = {};
  options.mode = config::RunMode::print_once;
  CHECK(check_clock_rights(options, ordinary));
}

TEST_CASE("roles become the configured user, or the one of -u, when gnomond is root") {
  config::ProcessSettings process;
  process.user = "clock";
  config::CommandLine options;
  CHECK(choose_user(options, process, full_root, everybody_exists) == "clock");
  CHECK(choose_user(options, process, ordinary, everybody_exists) == "");
  options.user = "time";
  CHECK(choose_user(options, process, full_root, everybody_exists) == "time");
  options.user = "root";
  CHECK(choose_user(options, process, full_root, everybody_exists) == "");
}

TEST_CASE("a user that does not exist ends the start, except for a look at the time") {
  config::CommandLine options;
  const auto refused = choose_user(options, {}, full_root, nobody_else_exists);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().find("'_gnomon'") != std::string::npos);
  CHECK(refused.error().find("useradd") != std::string::npos);
  options.mode = config::RunMode::print_once;
  CHECK(choose_user(options, {}, full_root, nobody_else_exists) == "nobody");
  options.user = "clock";
  CHECK_FALSE(choose_user(options, {}, full_root, nobody_else_exists));
}

TEST_CASE("users that cannot be looked up end the start: nobody runs as root by mistake") {
  const auto unreadable = [](const std::string&) -> std::expected<bool, std::string> {
    return std::unexpected{"Could not look up the user"};
  };
  config::CommandLine options;
  CHECK_FALSE(choose_user(options, {}, full_root, unreadable));
  options.mode = config::RunMode::print_once;
  CHECK_FALSE(choose_user(options, {}, full_root, unreadable));
}

TEST_CASE("gnomond starts the roles of its build folder, those beside it, or the installed ones") {
  const testing::TemporaryFolder folder;
  std::filesystem::create_directories(folder / "daemon/core");
  REQUIRE(base::write_file_atomically(folder / "daemon/core/gnomon-core", "", 0755));
  const Programs built{folder / "daemon/launcher/gnomond", "/usr/libexec/gnomon"};
  CHECK(built.path_of(Program::core) == folder / "daemon/core/gnomon-core");
  CHECK(built.path_of(Program::ke_server) == folder / "helpers/ntske/gnomon-ntske");
  REQUIRE(base::write_file_atomically(folder / "gnomon-core", "", 0755));
  const Programs beside{folder / "gnomond", "/usr/libexec/gnomon"};
  CHECK(beside.path_of(Program::clock) == folder / "gnomon-clock");
  const Programs installed{"/usr/sbin/gnomond", "/usr/libexec/gnomon"};
  CHECK(installed.path_of(Program::clock) == "/usr/libexec/gnomon/gnomon-clock");
  CHECK(installed.path_of(Program::ke_client) == "/usr/libexec/gnomon/gnomon-ntske");
}

TEST_CASE("folders are made with their parents, and one that exists is left as it is") {
  const testing::TemporaryFolder folder;
  REQUIRE(make_folder(folder / "a/b/c", "", 0750));
  using std::filesystem::perms;
  CHECK(std::filesystem::status(folder / "a/b/c").permissions() == static_cast<perms>(0750));
  CHECK(make_folder(folder / "a/b", "", 0700));
  CHECK(std::filesystem::status(folder / "a/b").permissions() == static_cast<perms>(0755));
  REQUIRE(base::write_file_atomically(folder / "file", ""));
  const auto impossible = make_folder(folder / "file/x", "", 0750);
  REQUIRE_FALSE(impossible);
  CHECK(impossible.error().find("/file") != std::string::npos);
}

TEST_CASE("root that cannot become another user is told, and stays root only if that was asked for") {
  constexpr Privileges bare_root{.root = true};
  config::CommandLine options;
  config::ProcessSettings process;
  process.user = "clock";
  const auto refused = choose_user(options, process, bare_root, everybody_exists);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().contains("'clock' (CAP_SETUID and CAP_SETGID)"));
  options.user = "root";
  CHECK(choose_user(options, process, bare_root, everybody_exists) == "");
  options = {.mode = config::RunMode::print_once};
  CHECK(choose_user(options, process, bare_root, everybody_exists) == "");
}
