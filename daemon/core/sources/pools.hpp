// SPDX-License-Identifier: GPL-2.0-or-later
// Names that stand for many servers: each is looked up until it has given as many members as it is to have.
// Owned by the table of sources, which makes a source of each member and knows whose addresses are in use.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/task_group.hpp"
#include "base/address.hpp"
#include "base/units.hpp"
#include "config/config.hpp"
#include "daemon/core/clock/clock_driver.hpp"
#include "daemon/core/control/source_commands.hpp"
#include "daemon/core/engine/values/note.hpp"
#include "daemon/core/engine/values/reports.hpp"
#include "daemon/core/links/resolve_client.hpp"

namespace gnomon::core {

// Whether the line is a pool with a name to look up.
[[nodiscard]] bool is_pool_name(const config::Source& line);

class Pools {
 public:
  struct Handlers {
    // Whether no source has it.
    std::function<bool(const base::Endpoint&)> is_free;
    std::function<bool(const base::Endpoint&)> has_way;
    // Makes a source of it, of this line; nullopt: it is not used.
    std::function<std::optional<ClockEvents>(const config::Source& member, const base::IpAddress& address,
                                             const config::Source& line)>
        add;
    // By the task of a pool, never from within a call of the owner.
    std::function<void(ClockEvents)> on_events;
    std::function<void(const engine::Note&)> on_note;
  };
  // `family`: of addresses, where the line does not say.
  Pools(async::TaskGroup& tasks, ResolveClient& resolver, ClockDriver& clock_driver,
        base::AddressFamily family, Handlers handlers);
  Pools(const Pools&) = delete;
  Pools& operator=(const Pools&) = delete;

  void open(base::SourceId id, const config::Source& line);
  // Whether there is none that still looks for members.
  [[nodiscard]] bool empty() const { return pools_.empty(); }
  // Names that were not found may be found now.
  void hasten();
  // No further members; what has become a source is the owner's.
  void remove(const config::Source& line);
  // The same of all with that name: their lines.
  [[nodiscard]] std::vector<config::Source> remove_named(std::string_view name);
  // The line is another one by now, as far as a source in use takes it.
  void change_line(const config::Source& before, const config::Source& now);

  // Commands, of which members to come are a part. False: no pool is meant.
  [[nodiscard]] bool set_online(const control::SetOnline& command);
  [[nodiscard]] bool change_members(std::string_view source,
                                    const std::function<void(config::Source&)>& change);
  // They are on line if there is a way to them.
  void follow_network();

  // Of those without a member, which stand for themselves.
  [[nodiscard]] std::vector<engine::AssociationReport> reports() const;
  // Addresses looked for, besides the one that such a report stands for.
  [[nodiscard]] std::uint32_t missing_members() const;
  // With NTS and a say in selection, but without a member.
  [[nodiscard]] std::size_t unresolved_with_nts() const;
  [[nodiscard]] std::string name_of(base::SourceId id) const;  // empty: there is no such pool

 private:
  struct Pool {
    Pool(base::SourceId its_id, config::Source its_line, async::Loop& loop)
        : id(its_id), line(std::move(its_line)), next(line), pause(loop) {}
    base::SourceId id;
    config::Source line;
    config::Source next;        // the member to come: what commands have said of all of them since counts
    bool asks_for_way = false;  // it is on line if there is a way to it
    async::Timer pause;         // until its name is asked for again
    int attempt = 0;
    int members = 0;
    bool removed = false;
    bool name_is_taken = false;  // its name has addresses, and each is another source's
    [[nodiscard]] bool is_whole() const { return removed || members >= line.max_sources; }
  };
  [[nodiscard]] static bool is_meant(const Pool& pool, std::string_view source);
  asio::awaitable<void> fill(Pool& pool);
  [[nodiscard]] ClockEvents admit(Pool& pool, const std::vector<base::IpAddress>& addresses);

  async::TaskGroup& tasks_;
  ResolveClient& resolver_;
  ClockDriver& clock_driver_;
  base::AddressFamily family_;
  Handlers handlers_;
  std::vector<std::unique_ptr<Pool>> pools_;
};

}  // namespace gnomon::core
