// SPDX-License-Identifier: GPL-2.0-or-later
// The table of sources: one task per association; pools (pools.hpp) give several. Owned by the core. What
// comes of a step or a command for the clock is returned to it, as ClockEvents to be acted on.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/os/log.hpp"
#include "base/token_bucket.hpp"
#include "config/config.hpp"
#include "daemon/core/clock/clock_driver.hpp"
#include "daemon/core/control/source_commands.hpp"
#include "daemon/core/engine/discipline/clock_trust.hpp"
#include "daemon/core/engine/text/messages.hpp"
#include "daemon/core/sources/nts_store.hpp"
#include "daemon/core/sources/pools.hpp"
#include "daemon/core/sources/source_task.hpp"
#include "protocol/mac/symmetric_keys.hpp"

namespace gnomon::core {

struct SourcesSettings {
  engine::EngineContext context;
  config::ClientSettings client;
  config::ServerSettings server;
  int no_certificate_time_check = 0;  // clock updates before certificate dates count
  std::string nts_directory;          // ntsdumpdir; empty: cookies are not kept
  engine::ClockTrust::Settings clock_trust;
  OwnRequests* own_requests = nullptr;     // none: we never serve anybody
  bool records = false;                    // packets are recorded for log files
  std::vector<int> acquisition_sockets{};  // of acquisitionport, where they were bound for us; taken over
  std::uint32_t first_id = 1;              // those before are others'
  std::vector<int> peer_sockets{};         // of our server's port, likewise
  AnswerRequest answer{};                  // none: we serve nobody
  std::vector<int> ptp_sockets{};          // of ptpport, likewise
  NicTables nics{};                        // with hwtimestamp
  base::Duration tx_timeout{};             // hwtstimeout
};

// What may change while the daemon runs.
struct SourcesTuning {
  base::Seconds nts_refresh{};
  base::Seconds name_refresh{};
  int no_certificate_time_check = 0;
  bool records = false;
};

class Sources {
 public:
  struct Handlers {
    std::function<void(const engine::Note&)> on_note;
    // By the tasks of sources and pools, when they have done with a step; never from within a call of the
    // owner.
    std::function<void(ClockEvents)> on_events;
    std::function<void()> on_all_finished;  // one-shot: no source has anything left to do
    // A source has got an address: what was kept of it, if anything.
    std::function<std::optional<engine::Dump>(const engine::SourceTraits&)> history{};
    // Something came from a source in answer to a request.
    std::function<void(base::SourceId, const engine::Received&)> on_packet{};
    // A peer was added, and we may not bind the port that it knows us by: sockets of it are asked for. False:
    // they were before.
    std::function<bool()> ask_for_peer_sockets{};
  };
  Sources(async::TaskGroup& tasks, ResolveClient& resolver, KeClient& ke, ClockDriver& clock_driver,
          base::Log& log, SourcesSettings settings, Handlers handlers);
  Sources(const Sources&) = delete;
  Sources& operator=(const Sources&) = delete;

  // nullopt: it is not used, and the log says why.
  [[nodiscard]] std::optional<ClockEvents> add(const config::Source& source);
  // A socket that was asked for.
  void use_for_peers(base::Fd socket);
  // Our own server answers from now on: who follows it follows us.
  void begin_serving();
  void remove_all();
  // Names that were not found may be found now.
  void on_name_files_changed();
  // Sources from sourcedirs: what is gone is removed, what is new is added, the rest goes on.
  [[nodiscard]] ClockEvents replace_dynamic(std::vector<config::Source> wanted);
  // Those of the configuration, which was another before: what is in both goes on untouched, and of what has
  // only other options, as far as a command could change them too, the measurements stay.
  [[nodiscard]] ClockEvents replace_configured(const std::vector<config::Source>& before,
                                               const std::vector<config::Source>& now);
  void retune(const SourcesTuning& tuning);
  void interrupt_all(engine::InterruptKind kind);
  // Who was refused for want of an authority is asked again.
  void on_trust_changed();
  // Another packet of ours leaves now.
  void keep_distance() { spacing_.other_left(tasks_.now().mono); }
  // Commands of the control interface; the error is for the operator.
  using Done = std::expected<ClockEvents, engine::Refusal>;
  [[nodiscard]] Done carry_out(const control::SetOnline& command);
  [[nodiscard]] Done carry_out(const control::FollowNetwork& command);
  [[nodiscard]] Done carry_out(const control::Burst& command);
  [[nodiscard]] Done carry_out(const control::ModifySource& command);
  [[nodiscard]] Done carry_out(const control::AddSource& command);
  [[nodiscard]] Done carry_out(const control::AddSourceLine& command);
  [[nodiscard]] Done carry_out(const control::DeleteSource& command);
  [[nodiscard]] Done carry_out(const control::RefreshNames& command);
  [[nodiscard]] Done carry_out(const control::ResetSources& command);
  [[nodiscard]] Done carry_out(const control::SetSelectOptions& command);
  // Of this machine: by one of them a server may follow us.
  void set_own_addresses(const std::set<base::IpAddress>& addresses);
  // The clock was corrected, or sources were selected again: certificate dates may count from now on.
  void on_clock_updated();
  // For the requests that follow; null: there is no keyfile.
  void set_symmetric_keys(std::shared_ptr<const protocol::SymmetricKeys> keys);
  // At the start: says so when the clock cannot be right.
  void look_at_clock();
  // Somebody set the clock.
  void on_clock_jumped() { trust_.clock_jumped(); }
  // Whether all are to be queried in bursts for it: not each time if a program sets it every minute.
  [[nodiscard]] bool may_burst_for_jump(base::MonoTime now) {
    return jump_bursts_.take(jump_bursts, jump_burst_interval, now);
  }
  // Cookies for the time after a restart; leaving: nothing will be sent any more.
  void keep_cookies(bool leaving);
  [[nodiscard]] bool time_is_confirmed() const { return trust_.belief() == engine::ClockBelief::confirmed; }

  [[nodiscard]] std::vector<engine::AssociationReport> reports(const base::Now& now) const;
  // Of pools, besides the one that the report of a pool without any stands for.
  [[nodiscard]] std::uint32_t missing_members() const { return pools_.missing_members(); }
  // For the journal; empty for a source that is not here.
  [[nodiscard]] engine::SourceNames names(base::SourceId id) const;
  // nullopt: it is not here, or its name is not resolved yet.
  [[nodiscard]] std::optional<base::Endpoint> endpoint(base::SourceId id) const;

 private:
  struct Entry {
    std::unique_ptr<SourceTask> task;
    config::Source configured;  // without what commands have changed since
    bool finished = false;
    bool removed = false;       // about to finish: its address is free for another
    bool asks_for_way = false;  // once it has an address it goes off line if there is no way to it
    engine::SourceStatus status;
    bool provisional = false;
    int send_failure = 0;        // errno of the last one that was told
    bool name_is_taken = false;  // every address of it is another source's
    base::IpAddress address;     // as the timekeeper knows it
  };
  // One line of a file in a sourcedir.
  struct Dynamic {
    enum class State : std::uint8_t { is_new, in_use, added };
    config::Source source;
    State state = State::is_new;
  };
  [[nodiscard]] engine::PeerClock our_clock(const base::Now& now) const;
  [[nodiscard]] std::optional<ClockEvents> add_association(const config::Source& source,
                                                           const base::IpAddress& address);
  // nullopt: its address is that of another source.
  [[nodiscard]] std::optional<ClockEvents> try_add(const config::Source& source);
  void remove(const config::Source& source);
  void log_change(bool added, const config::Source& pool) const;
  void log_change(bool added, const engine::Association& association) const;
  void log_added(const config::Source& source) const;  // the last one that was
  void log_not_added(const config::Source& source) const;
  void replace_bad(Entry& entry);
  static void make_room(const Entry& plain);
  [[nodiscard]] ClockEvents restore(Entry& entry);
  void forget_samples(Entry& entry);
  [[nodiscard]] static bool is_meant(const Entry& entry, std::string_view source);
  [[nodiscard]] bool is_offline(const Entry& entry) const;
  template <class Function>
  Done for_each(std::string_view source, Function&& function);
  // What a command changes of a source, of those that are there and of members to come.
  template <class Change>
  Done change_each(std::string_view source, const Change& change);
  // Those that the command is about.
  template <class Command>
  [[nodiscard]] Done interrupt_those(const Command& command, const engine::Interrupt& interrupt);
  [[nodiscard]] bool has_way(const base::Endpoint& endpoint);
  void reconfigure(Entry& entry, const config::Source& changed);
  // One that is in use under the options of `before`.
  void change_options(const config::Source& before, const config::Source& now);
  asio::awaitable<void> run(Entry& entry);
  asio::awaitable<void> select_soon();
  [[nodiscard]] Pools::Handlers pool_handlers();
  [[nodiscard]] ClockEvents on_step(Entry& entry, engine::Step& step);
  void follow_advice(Entry& entry);
  void consider_time(const base::Now& now);
  void on_send_failed(const SourceTask& task, const base::OsError& error);
  [[nodiscard]] std::vector<base::IpAddress> usable(const SourceTask& task,
                                                    std::vector<base::IpAddress> addresses);
  [[nodiscard]] const Entry* holder(const base::Endpoint& endpoint) const;
  [[nodiscard]] Entry* find(base::SourceId id) const;
  [[nodiscard]] base::SourceId next_id() { return {settings_.first_id + used_ids_++}; }

  async::TaskGroup& tasks_;
  ClockDriver& clock_driver_;
  base::Log& log_;
  SourcesSettings settings_;
  Handlers handlers_;
  AcquisitionSockets acquisition_;
  AcquisitionSockets peers_;
  AcquisitionSockets ptp_sockets_;
  engine::RequestSpacing spacing_;
  NtsStore store_;
  engine::ClockTrust trust_;
  SourceServices services_;
  static constexpr double jump_bursts = 3;  // at once
  static constexpr base::Seconds jump_burst_interval{1024};
  bool selects_soon_ = false;  // a source has gone
  base::TokenBucket jump_bursts_{.tokens = jump_bursts};
  std::vector<std::unique_ptr<Entry>> entries_;
  Pools pools_;
  std::vector<Dynamic> dynamic_;
  base::MonoTime next_replacement_;  // of a source that is wrong, before which none is replaced
  std::vector<base::ReferenceId> own_reference_ids_;
  std::uint32_t used_ids_ = 0;
};

}  // namespace gnomon::core
