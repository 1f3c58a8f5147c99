// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/table.hpp"

#include <algorithm>

#include "config/directives.hpp"

namespace gnomon::config {

std::vector<Topic> topics() {
  return {{"Time sources", source_directives()},
          {"Source selection", selection_directives()},
          {"System clock", clock_directives()},
          {"NTP server", server_directives()},
          {"Network Time Security", nts_directives()},
          {"Monitoring and control", control_directives()},
          {"Process, files and logs", process_directives()},
          {"Devices", hardware_directives()},
          {"Configuration files", file_directives()}};
}

const Directive* find_directive(std::string_view name) {
  for (const auto& topic : topics()) {
    const auto found = std::ranges::find_if(
        topic.directives, [&](const Directive& d) { return equal_ignoring_case(d.name, name); });
    if (found != topic.directives.end()) return &*found;
  }
  return nullptr;
}

std::vector<std::string_view> directive_names() {
  std::vector<std::string_view> names;
  for (const auto& topic : topics()) {
    for (const auto& directive : topic.directives) names.push_back(directive.name);
  }
  return names;
}

Table table() {
  Table entries;
  for (const auto& topic : topics()) {
    for (const auto& directive : topic.directives) {
      entries.push_back({topic.name, static_cast<const Row&>(directive), directive.repeats,
                         directive.options == nullptr ? std::vector<Row>{} : directive.options()});
    }
  }
  return entries;
}

}  // namespace gnomon::config
