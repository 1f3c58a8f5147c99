// SPDX-License-Identifier: GPL-2.0-or-later
// A new configuration comes to a core that is confined already: whatever its lines are, to parse them takes
// no system call that would end the core.
#include "daemon/core/reload.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/os/credentials.hpp"
#include "base/os/sandbox/sandbox.hpp"
#include "config/network.hpp"
#include "config/table.hpp"
#include "daemon/core/sandbox.hpp"
#include "ipc/codec.hpp"
#include "ipc/reload_messages.hpp"
#include "tests/unit/base/os/in_child.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;

namespace {

constexpr std::array words{"",
                           "1",
                           "0.5 2 3",
                           "name",
                           "all",
                           "on",
                           "system",
                           "right/UTC",
                           "root",
                           "time.example.net",
                           "192.0.2.1",
                           "192.0.2.1/24",
                           "2001:db8::1",
                           "fe80::1%lo",
                           "fe80::1%1",
                           "1 192.0.2.1 123",
                           "/etc/passwd",
                           "/etc/*",
                           "/etc /usr",
                           "file:/etc/passwd",
                           "PPS /dev/pps0",
                           "SHM 0",
                           "/dev/null 1 1 1 1 1"};
constexpr std::array values{
    "", " 1", " 0.5", " -1", " name", " time.example.net", " fe80::1%lo", " /etc/passwd"};

// Each directive with each kind of argument, and each of its options with each kind of value.
std::vector<std::string> all_forms() {
  std::vector<std::string> lines;
  for (const auto& entry : config::table()) {
    // In what is handed over there are the lines of those files.
    if (entry.row.name == "include" || entry.row.name == "confdir") continue;
    for (const std::string word : words) {
      const auto line = std::string{entry.row.name} + " " + word;
      lines.push_back(config::handed_over(line));
      for (const auto& option : entry.options)
        for (const std::string value : values)
          lines.push_back(config::handed_over(line + " " + std::string{option.name} + value));
    }
  }
  return lines;
}

// Whether the core takes it; it may refuse any.
template <class Message>
bool give(core::Reload& reload, const Message& message) {
  const auto datagram = ipc::encode(message, 0);
  const auto frame = ipc::parse_frame(datagram);
  return frame && reload.take(*frame);
}

int used = 0;

void reload_with(const std::string& line) {
  const auto nothing = [] {};
  core::Reload reload{{.ask_to_read = nothing, .ask_for_more = nothing, .ask_to_use = [] { ++used; }}};
  reload.begin(false, [](const auto&) {});
  if (give(reload, ipc::ConfigurationLine{line}))
    static_cast<void>(give(reload, ipc::ConfigurationEnd{.usable = true}));
}

}  // namespace

TEST_CASE("no line of a configuration that is read again makes a confined core do what it may not") {
  if (!base::sandbox_possible) return;
  constexpr std::size_t at_once = 500;
  const auto lines = all_forms();
  REQUIRE(lines.size() > 5000);
  int chunks_in_use = 0;
  for (std::size_t first = 0; first < lines.size(); first += at_once) {
    const auto end = testing::in_child([&] {
      if (!base::drop_privileges("")) return 99;
      core::forbid_system_calls({}, {});
      for (std::size_t i = first; i < std::min(first + at_once, lines.size()); ++i) reload_with(lines[i]);
      return used > 0 ? 1 : 0;
    });
    CAPTURE(lines[first], end.code);
    CHECK_FALSE(end.by_signal);
    CHECK(end.code <= 1);
    chunks_in_use += end.code;
  }
  CHECK(chunks_in_use > 10);  // of most kinds there were lines that it could use
}
