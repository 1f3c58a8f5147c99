// SPDX-License-Identifier: GPL-2.0-or-later
// One NTP source seen from the client (RFC 5905 sections 9 and 13, RFC 8915 section 5.7): what to do next,
// given what has happened. Sans-IO: a source task carries the actions out and feeds the outcomes back.
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.hpp"
#include "base/time.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/association/actions.hpp"
#include "daemon/core/engine/association/address_finder.hpp"
#include "daemon/core/engine/association/delay_window.hpp"
#include "daemon/core/engine/association/engine_context.hpp"
#include "daemon/core/engine/association/events.hpp"
#include "daemon/core/engine/association/exchange_fsm.hpp"
#include "daemon/core/engine/association/key_acquisition.hpp"
#include "daemon/core/engine/association/poll_control.hpp"
#include "daemon/core/engine/association/remote_scale.hpp"
#include "daemon/core/engine/association/request_spacing.hpp"
#include "daemon/core/engine/association/sample_filter.hpp"
#include "daemon/core/engine/association/server_description.hpp"
#include "daemon/core/engine/association/symmetric_auth.hpp"
#include "daemon/core/engine/association/symmetric_exchange.hpp"
#include "daemon/core/engine/association/turn.hpp"
#include "daemon/core/engine/values/poll_advice.hpp"
#include "daemon/core/engine/values/reports.hpp"

namespace gnomon::engine {

// Each part below is told what has happened; decide() then looks at what they know alone, so that every path
// leads to a next action.
class Association {
 public:
  // `address`: known already (a literal, or one of a pool's), else unspecified and resolved by name first.
  Association(base::SourceId id, const config::Source& source, const base::IpAddress& address,
              const EngineContext& context);

  // Its requests keep their distance from those of all that share it. It outlives the association.
  void share(RequestSpacing& spacing) { slot_.share(spacing); }
  [[nodiscard]] Step resume(const Event& event, const base::Now& now, const StepEntropy& entropy);
  // True: the next exchange is due earlier now than the action in hand says, so that an interrupt should
  // follow.
  [[nodiscard]] bool advise(const PollAdvice& advice);
  void set_context(const EngineContext& context) { context_ = context; }
  // A peer is told of our clock with each packet: before each step, as it is then.
  [[nodiscard]] bool is_peer() const { return peer_.has_value(); }
  void describe_us(PeerClock clock) { own_clock_ = std::move(clock); }
  // Options changed by command: poll limits, delay limits, minstratum, polltarget. Name and kind stay.
  void reconfigure(const config::Source& source);
  // What was known of the source when the daemon stopped (dump file).
  void restore(std::uint8_t reach, std::uint8_t stratum) { server_.restore(reach, stratum); }
  // What is to be kept over a restart; leaving: no cookie will be used any more. nullopt: nothing to say.
  [[nodiscard]] std::optional<NtsMemory> memory(const base::Now& now, bool leaving);

  // Whether its keys, or the lack of them, are a matter of dates of certificates.
  [[nodiscard]] bool depends_on_cert_dates() const;
  // Whether its last key exchange failed for want of a trusted authority.
  [[nodiscard]] bool waits_for_trust() const { return keys_ && keys_->client().waits_for_trust(); }

  [[nodiscard]] base::SourceId id() const { return id_; }
  [[nodiscard]] const config::Source& source() const { return source_; }
  [[nodiscard]] const base::IpAddress& address() const;  // unspecified while unresolved
  [[nodiscard]] AssociationReport report(const base::Now& now) const;

 private:
  enum class Doing : std::uint8_t { nothing, resolving, loading, establishing, exchanging };
  enum class Presence : std::uint8_t {
    online,
    offline,           // on command
    offline_by_itself  // auto_offline: nothing could be sent
  };

  // How long others wait for its first samples. Whatever it answers uses this up: only what comes from
  // outside begins it anew, and keys in place of doubtful ones, which there may be twice in a start.
  struct Patience {
    base::MonoTime since;        // it was last begun to be asked: started, online, another network
    std::uint64_t measured = 0;  // polls since then, or since our clock was set, that a sample comes of
    std::uint64_t in_vain = 0;   // and those that none did
    bool refused = false;        // by a kiss
    int renewals = 2;            // still allowed
  };

  // association.cpp: what to do
  [[nodiscard]] static Doing doing_of(const Action& action);
  [[nodiscard]] Action decide(Turn& turn);
  [[nodiscard]] std::optional<Action> acquire_keys(Turn& turn);
  [[nodiscard]] Action skip_poll(Turn& turn, base::MonoTime until);
  [[nodiscard]] Action ask(Turn& turn);
  [[nodiscard]] protocol::Extensions wished() const;
  [[nodiscard]] RequestPlan plan_request(std::shared_ptr<const protocol::SymmetricKey> key) const;
  [[nodiscard]] NtsClient* nts() { return keys_ ? &keys_->client() : nullptr; }
  [[nodiscard]] bool is_online() const { return presence_ == Presence::online; }
  [[nodiscard]] Activity activity() const;
  [[nodiscard]] std::optional<base::MonoTime> awaited_until() const;
  [[nodiscard]] std::uint64_t polls_needed() const;
  [[nodiscard]] base::MonoTime ready_at(base::MonoTime now) const;
  [[nodiscard]] bool may_become_samples() const;

  // association_peer.cpp: symmetric mode
  [[nodiscard]] static config::Source as_peer(config::Source source);
  [[nodiscard]] Action attend_peer(Turn& turn);
  [[nodiscard]] Action send_to_peer(std::shared_ptr<const protocol::SymmetricKey> key, Turn& turn);
  [[nodiscard]] base::Duration peer_interval(bool heard, base::Duration elapsed, const Turn& turn) const;
  void heard_peer(const Received& event, Turn& turn);
  void kissed_by_peer(Turn& turn);
  void peer_poll_over(const Silence& event, Turn& turn);
  void restart_peer();

  // association_events.cpp: what has happened
  void start(base::MonoTime now);
  void begin(base::MonoTime now);
  void begin_with_better_keys(base::MonoTime now);
  void resolved(const Resolved& event, Turn& turn);
  void loaded(const Kept& event, Turn& turn);
  void established(const protocol::NtsSession& session, Turn& turn);
  void establish_failed(const protocol::KeFailure& failure, Turn& turn);
  void server_changed(NtpAddressChange change, Turn& turn);
  // A further action on the same exchange, or nothing when it has ended.
  [[nodiscard]] std::optional<Action> received(const Received& event, Turn& turn);
  void answered(const Received& event, const ResponseCheck& check, Turn& turn);
  void follow_remote(const ResponseCheck& check, Exchanged& exchanged);
  void pass_on_sample(Turn& turn);
  [[nodiscard]] bool is_worth_another(const Sample& sample);
  void valid_answer(const Measured& measured, const OpenExchange& completed, Turn& turn);
  void kissed(base::ReferenceId code, Turn& turn);
  void silence(const Silence& event, Turn& turn);
  // True: another address of the name is to be tried at once.
  bool missed(bool send_failed, Turn& turn);
  void heed(base::ReferenceId code, Turn& turn);
  void shift_reach(bool reached, Turn& turn);
  void set_loop(Loop loop, Turn& turn);
  void look_elsewhere();
  void cancel(base::MonoTime now);
  void interrupt(const Interrupt& event, Turn& turn);
  void go_online(Turn& turn);
  void go_offline(Presence why, Turn& turn);
  void network_changed(Turn& turn);
  void clock_stepped(base::MonoTime now);

  base::SourceId id_;
  config::Source source_;
  EngineContext context_;

  AddressFinder addresses_;
  std::optional<KeyAcquisition> keys_;      // with NTS
  std::optional<SymmetricAuth> symmetric_;  // with a key
  PollControl poll_;
  ExchangeFsm exchange_;
  std::optional<SymmetricExchange> peer_;  // with a peer, in place of exchange_
  PeerClock own_clock_{};
  base::MonoTime peer_asked_;
  bool peer_listens_ = false;  // a socket of ours is open to the peer
  DelayWindow delays_;
  UsualDelay usual_delay_;
  RemoteScale scale_;
  SampleFilter filter_;
  ServerDescription server_;
  RequestSlot slot_;

  Doing doing_ = Doing::nothing;
  Presence presence_;
  bool started_ = false;
  bool finished_ = false;  // removed, or nothing more to be had from it in one shot
  bool silent_ = false;    // since it was last begun to be asked it has missed a poll
  Patience patience_;
  int kisses_ = 0;  // exchanges that ended with an unproven one, since the last answer
};

}  // namespace gnomon::engine
