// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/configuration_reader.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;

TEST_CASE("a configuration that came through a pipe is not read again, and says so") {
  int reads = 0;
  config::FileAccess files;
  files.read = [&reads](const std::string&) {
    ++reads;
    return std::string{"port 0\n"};
  };
  launcher::ConfigurationReader reader{
      {.config_file = "/dev/stdin"}, {.config = {}, .lines = {}, .from_pipe = true}, files, {}};
  reader.read();
  REQUIRE(reader.errors().size() == 1);
  CHECK(reader.errors()[0].file == "/dev/stdin");
  CHECK(reader.errors()[0].message.starts_with("the configuration came through a pipe"));
  CHECK_FALSE(reader.use());
  CHECK(reads == 0);
}
