// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/reload_messages.hpp"

#include <string>

#include "ipc/codec.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/ipc/round_trip.hpp"

using namespace gnomon;
using namespace gnomon::ipc;
using namespace gnomon::testing;

TEST_CASE("what a reload asks, and what it is told, passes unchanged") {
  round_trip(ReadConfiguration{});
  round_trip(NextConfigurationPart{});
  round_trip(UseConfiguration{});
  round_trip(ConfigurationUsed{});
  round_trip(ReloadEnd{});
  const ConfigurationError error{.line = 3,
                                 .column = 8,
                                 .file = "/etc/gnomon/gnomon.conf",
                                 .message = "unknown option 'ibrust'",
                                 .text = "server a ibrust"};
  CHECK(round_trip(error) == error);
  const ConfigurationChange change{.kind = ConfigurationChangeKind::changed,
                                   .needs_restart = true,
                                   .line = 9,
                                   .file = "/etc/gnomon/gnomon.conf",
                                   .directive = "port",
                                   .text = "port 124",
                                   .before = "port 123",
                                   .reason = "the socket is open"};
  CHECK(round_trip(change) == change);
  CHECK(round_trip(ConfigurationLine{"server a iburst"}).text == "server a iburst");
  CHECK(round_trip(ConfigurationEnd{.usable = true}).usable);
  CHECK(refused(ConfigurationChange{.kind = static_cast<ConfigurationChangeKind>(3)}));
}

TEST_CASE("texts of a configuration that are longer than a message holds are cut") {
  const std::string long_text(5000, 'x');
  CHECK(round_trip(ConfigurationLine{long_text}).text.size() == longest_configuration_line);
  const auto error =
      round_trip(ConfigurationError{.file = long_text, .message = long_text, .text = long_text});
  CHECK(error.file.size() == longest_configuration_text);
  CHECK(error.message.size() == longest_configuration_text);
  CHECK(error.text.size() == longest_configuration_line);
}
