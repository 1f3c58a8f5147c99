// SPDX-License-Identifier: GPL-2.0-or-later
// The inside of an association: what it knows, and the steps its files share. Events change the state;
// decide() then looks at the state alone, so that every path leads to a next action.
#pragma once

#include <optional>
#include <string>

#include "daemon/core/engine/association/association.hpp"
#include "daemon/core/engine/association/client_request.hpp"
#include "daemon/core/engine/association/delay_window.hpp"
#include "daemon/core/engine/association/nts_client.hpp"
#include "daemon/core/engine/association/poll_control.hpp"
#include "daemon/core/engine/association/sample_filter.hpp"
#include "daemon/core/engine/association/sampling.hpp"

namespace gnomon::engine {

// One name to be resolved, with its back-off.
struct Lookup {
  std::string name;
  bool wanted = false;
  bool avoid_current = false;  // the present address does not answer: take another one if there is one
  int failures = 0;
  base::MonoTime allowed_at;
  std::optional<base::MonoTime> done_at;
};

// An exchange whose answer left its server at a time that the next answer will tell (RFC 9769 section 2).
struct OpenExchange {
  Exchanged exchanged;
  base::MonoTime at;
  bool measured = false;  // has given a sample by what the answer itself said of its departure
};

enum class Doing : std::uint8_t {
  nothing,
  resolving_source,      // the configured name
  resolving_ntp_server,  // the name NTS-KE gave
  recalling,
  establishing,
  exchanging
};

// Fields stand together by meaning, not by size: there are only a few of these.
struct Association::State {  // NOLINT(clang-analyzer-optin.performance.Padding)
  State(base::SourceId its_id, const config::Source& its_source, const base::IpAddress& its_address,
        const EngineContext& its_context);

  base::SourceId id;
  config::Source source;
  EngineContext around;

  bool started = false;
  bool online = true;
  bool offline_by_itself = false;  // auto_offline: nothing could be sent
  base::MonoTime begun;            // when it was last begun to be asked: started, online, another network
  bool silent = false;             // since then it has missed a poll
  bool removed = false;
  bool given_up = false;  // one-shot: nothing more to be had from this source
  Doing doing = Doing::nothing;

  Lookup source_name;
  bool name_is_literal = false;
  Lookup ntp_server_name;
  base::IpAddress first_address;  // of the configured name: the NTS-KE server, or the NTP server itself
  std::vector<base::IpAddress> other_addresses;        // of the same name, not yet tried for NTS-KE
  bool change_address = false;                         // to one of them, with the next NTS-KE
  std::vector<base::IpAddress> known_addresses;        // of the source's name, as last resolved
  std::vector<base::IpAddress> tried_addresses;        // of these, without any answer in this round
  std::vector<base::IpAddress> unreachable_addresses;  // of these, nothing could be sent to
  static constexpr int most_rounds = 3;
  int rounds = 0;               // through all of them, since any has answered
  bool heard = false;           // the present address has answered
  base::IpAddress ntp_address;  // where requests go; unspecified while not known
  std::uint16_t ntp_port;

  std::optional<NtsClient> nts;
  base::IpAddress recalled_for;  // what was kept of this NTS-KE server has been looked up
  base::IpAddress keys_from;     // the NTS-KE server they are of
  PollControl poll;
  DelayWindow delays;

  RequestSpacing* spacing = nullptr;       // none: questions leave as soon as they are due
  std::optional<base::MonoTime> reserved;  // when the one that is due may leave
  ClientRequest question;                  // under way while doing == exchanging
  base::MonoTime give_up;
  bool nak_seen = false;
  std::optional<base::ReferenceId> kiss_seen;  // without authentication, to the question under way
  int kisses = 0;                              // exchanges that ended with one, since the last answer
  // Interleaved mode: the last exchange, if it was answered and our clock has not been stepped since.
  std::optional<OpenExchange> previous;
  int warm_ups = 0;      // presend: exchanges made ahead of the one that counts
  bool warming = false;  // the one under way is such a one

  std::uint8_t reach = 0;
  int misses = 0;  // in a row
  std::uint8_t stratum = 0;
  Loop loop = Loop::none;
  std::optional<base::ReferenceId> last_kiss;  // until it answers otherwise
  std::optional<base::MonoTime> last_good;
  NtpDataReport ntp;
  SampleFilter filter;

  // association.cpp
  [[nodiscard]] Action decide(const base::Now& now, const StepEntropy& entropy, Step& step);
  [[nodiscard]] base::MonoTime tx_timestamp(const base::Now& now);
  void start(const base::Now& now);
  void begin(const base::Now& now);
  void begin_at_address(const base::Now& now, bool another);

  // association_report.cpp
  [[nodiscard]] Activity activity() const;
  [[nodiscard]] std::optional<base::MonoTime> awaited_until() const;

  // association_address.cpp: names and keys
  [[nodiscard]] std::optional<Action> look_up(const base::Now& now);
  [[nodiscard]] std::optional<Action> establish(const base::Now& now, const StepEntropy& entropy, Step& step);
  void resolved(const Resolved& event, const base::Now& now, const StepEntropy& entropy, Step& step);
  void established(const protocol::NtsSession& session, const base::Now& now, const StepEntropy& entropy,
                   Step& step);
  void establish_failed(const protocol::KeFailure& failure, const base::Now& now, const StepEntropy& entropy,
                        Step& step);
  void use_ntp_address(const base::IpAddress& address, Step& step);
  void look_elsewhere();  // the present address does not answer
  [[nodiscard]] bool searches() const;
  void forget_tried();

  // association_memory.cpp
  [[nodiscard]] std::optional<Action> load_kept();
  void kept(const Kept& event, const base::Now& now, Step& step);
  [[nodiscard]] std::optional<NtsMemory> memory(const base::Now& now, bool leaving);

  // association_exchange.cpp
  [[nodiscard]] Action ask(const base::Now& now, const StepEntropy& entropy);
  // A further action on the same exchange, or nothing when it has ended.
  [[nodiscard]] std::optional<Action> received(const Received& event, const base::Now& now,
                                               const StepEntropy& entropy, Step& step);
  void silence(const Silence& event, const base::Now& now, const StepEntropy& entropy, Step& step);
  // Whether another address of the name is to be tried at once.
  bool missed(const base::Now& now, double wander, Step& step, bool send_failed = false);

  // association_prod.cpp
  void interrupt(const Interrupt& event, const base::Now& now, const StepEntropy& entropy, Step& step);
  void network_changed(const base::Now& now, const StepEntropy& entropy, Step& step);
  void cancel(const base::Now& now);

  void note(Step& step, NoteKind kind, double value = 0, std::string text = {}) const {
    step.notes.push_back({kind, id, value, std::move(text)});
  }

 private:
  void answered(const Received& event, const ResponseCheck& checked, const base::Now& now, double wander,
                Step& step);
  [[nodiscard]] OpenExchange pair_up(const Received& event, const ResponseCheck& checked,
                                     const base::Now& now);
  [[nodiscard]] bool wants_warm_up() const;
  void doubt(base::ReferenceId kiss, Step& step);
  void heed(base::ReferenceId kiss, const base::Now& now, double wander);
  void kissed(const ResponseCheck& checked, const base::Now& now, const StepEntropy& entropy, Step& step);
  void remember(const Received& event, const Exchanged& exchanged, const Measured& measured);
  void use_cookies(const protocol::CookieFile& file, const base::Now& now, Step& step);
  [[nodiscard]] protocol::DateCheck date_check() const;
  // Whether the failure is only one of dates and a second attempt forgives that.
  [[nodiscard]] bool forgives(const protocol::KeFailure& failure, Step& step, const base::Now& now);
  void shift_reach(bool reached, Step& step);
  void watch_for_loop(Loop now, Step& step);
  [[nodiscard]] base::AddressFamily family() const;
  [[nodiscard]] bool is_tried(const base::IpAddress& address) const;
  [[nodiscard]] bool has_untried() const;
  [[nodiscard]] bool try_next_address(bool send_failed, const base::Now& now);
  [[nodiscard]] std::vector<base::IpAddress> substitutes(const std::vector<base::IpAddress>& addresses) const;
  [[nodiscard]] base::Duration hasten_next_ke(base::Duration wait, const base::Now& now);
  void source_resolved(const std::vector<base::IpAddress>& addresses, std::size_t pick, const base::Now& now,
                       Step& step);
};

}  // namespace gnomon::engine
