// SPDX-License-Identifier: GPL-2.0-or-later
// The roles of this daemon, a row each: how the core's end of its channel is connected, at the start and when
// gnomond has started another process, and what metrics tell of it. Owned by the core, as the clients are.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/os/fd.hpp"
#include "daemon/core/metrics/view.hpp"
#include "ipc/launcher_messages.hpp"

namespace gnomon::core {

class RoleTable {
 public:
  enum class Replacement : std::uint8_t { accepted, refused };

  // In the order of the metrics; `name` is theirs. Of a client whose role has several processes, connect()
  // takes which one it is; only one of a role on demand rests.
  template <class Client>
  void add(ipc::Role role, std::string_view name, Client& client,
           Replacement replacement = Replacement::accepted) {
    Row row{.role = role,
            .name = name,
            .replacement = replacement,
            .connect =
                [&client](std::uint8_t index, base::Fd channel) {
                  if constexpr (requires { client.connect(index, std::move(channel)); })
                    client.connect(index, std::move(channel));
                  else
                    client.connect(std::move(channel));
                },
            .connected = [&client] { return static_cast<std::uint64_t>(client.connected()); }};
    if constexpr (requires { client.rests(); }) row.on_demand_rests = [&client] { return client.rests(); };
    rows_.push_back(std::move(row));
  }

  // At the start; a negative channel: the configuration has no such role.
  void begin(ipc::Role role, int channel, std::uint8_t index = 0);
  // Another process in the place of the one before. False: it is refused, and its channel closed.
  [[nodiscard]] bool replace(ipc::Role role, std::uint8_t index, base::Fd channel);
  // Those that there were at the start.
  [[nodiscard]] std::vector<metrics::Role> report() const;

 private:
  struct Row {
    ipc::Role role{};
    std::string_view name;
    Replacement replacement{};
    std::function<void(std::uint8_t index, base::Fd channel)> connect;
    std::function<std::uint64_t()> connected;  // how many of its processes are
    std::function<bool()> on_demand_rests{};
    std::uint64_t replacements = 0;
    bool configured = false;
    [[nodiscard]] bool rests() const { return on_demand_rests && on_demand_rests(); }
  };
  [[nodiscard]] Row* find(ipc::Role role);

  std::vector<Row> rows_;
};

}  // namespace gnomon::core
