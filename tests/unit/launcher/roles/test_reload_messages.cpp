// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/reload_messages.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/remembering_log.hpp"

using namespace gnomon;
using base::LogEvent;
using Lines = std::vector<std::string>;

namespace {

config::Change change(const std::string& directive, bool needs_restart = false,
                      const std::string& reason = {}) {
  config::Change change;
  change.directive = directive;
  change.line.place = {.file = "/g.conf", .line = 7, .column = 1};
  change.needs_restart = needs_restart;
  change.reason = reason;
  return change;
}

}  // namespace

TEST_CASE("without errors nothing is said of them") {
  testing::RememberingLog log;
  launcher::name_errors({}, log);
  CHECK(log.lines.empty());
}

TEST_CASE("errors are named with their places, the first twenty of them, and counted") {
  testing::RememberingLog log;
  launcher::name_errors({{.line = 3, .column = 5, .file = "/g.conf", .message = "unknown option"},
                         {.line = 0, .column = 0, .file = "/g.conf", .message = "it is a folder"},
                         {.line = 2, .column = 1, .file = "", .message = "unknown directive"}},
                        log);
  CHECK(log.lines ==
        Lines{"/g.conf:3:5: unknown option", "/g.conf: it is a folder", "argument 2:1: unknown directive",
              "The configuration has 3 errors and is not loaded again: everything stays as it was"});
  CHECK(log.events == std::vector(4, LogEvent::reload_refused));
  testing::RememberingLog many;
  launcher::name_errors(std::vector<ipc::ConfigurationError>(30, {.file = "/g.conf", .message = "wrong"}),
                        many);
  CHECK(many.lines.size() == 21);
}

TEST_CASE("what needs a restart is named, and the rest is counted") {
  testing::RememberingLog log;
  launcher::name_changes({change("server"), change("makestep"), change("pool"), change("port", true),
                          change("user", true, "roles have it from their start")},
                         log);
  CHECK(log.lines == Lines{"/g.conf:7: port takes effect after a restart",
                           "/g.conf:7: user takes effect after a restart: roles have it from their start",
                           "The configuration was loaded again: 2 lines of sources and 1 other changed"});
  testing::RememberingLog quiet;
  launcher::name_changes({}, quiet);
  CHECK(quiet.lines == Lines{"The configuration was loaded again: nothing changes"});
}

TEST_CASE("other authorities are trusted when a directive about them takes effect") {
  using launcher::change_trust;
  CHECK_FALSE(change_trust({change("server")}));
  CHECK(change_trust({change("server"), change("nosystemcert")}));
  CHECK(change_trust({change("ntstrustedcerts")}));
  CHECK_FALSE(change_trust({change("ntstrustedcerts", true)}));
}
