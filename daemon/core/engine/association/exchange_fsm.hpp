// SPDX-License-Identifier: GPL-2.0-or-later
// One exchange after the other with a server: the request, what each datagram that comes back is, which
// exchange an answer completes (interleaved mode, RFC 9769 section 2), and exchanges made only to warm the
// path up (presend). Owned by its association.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/address.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "daemon/core/engine/association/actions.hpp"
#include "daemon/core/engine/association/client_request.hpp"
#include "daemon/core/engine/association/entropy.hpp"
#include "daemon/core/engine/association/events.hpp"
#include "daemon/core/engine/association/nts_client.hpp"
#include "daemon/core/engine/association/sampling.hpp"

namespace gnomon::engine {

// What the next request is to be like.
struct RequestPlan {
  base::Endpoint to;
  std::uint8_t version = 4;                             // 1..4, without NTS
  std::shared_ptr<const protocol::SymmetricKey> key{};  // of the MAC; null: none
  base::PollExponent poll{};
  base::Duration timeout{};       // for the answer
  int warm_ups = 0;               // exchanges to be made ahead of each one that counts
  protocol::Extensions wished{};  // extension fields, without values
};

// What one datagram is to the exchange under way.
struct Reception {
  ResponseCheck check;
  bool ends = false;        // the exchange is over, by an answer or a proven kiss; else keep listening
  bool first_nak = false;   // the first NAK of this exchange
  bool first_kiss = false;  // the first kiss without authentication of this exchange
};

// An exchange whose answer left its server at a time that the next answer will tell.
struct OpenExchange {
  Exchanged exchanged;
  base::MonoTime at;
  bool measured = false;  // has given a sample, with the transmit timestamp that the answer itself had
};

class ExchangeFsm {
 public:
  // nts: null without NTS; else ready(), and it gives one cookie.
  [[nodiscard]] Exchange start(const RequestPlan& plan, NtsClient* nts, base::MonoTime now,
                               const StepEntropy& entropy);
  [[nodiscard]] Reception receive(const Received& event, const NtsClient* nts);
  // The exchange that this answer completes: its own, or in interleaved mode the one before. keep: its own is
  // kept for the next answer.
  [[nodiscard]] OpenExchange complete(const Received& event, const ResponseCheck& check, base::MonoTime now,
                                      bool keep);
  // A sample has been made of what complete() gave.
  void measured(const Exchanged& exchanged);
  // Timestamps of before are of another clock or server, or were not answered.
  void forget_previous() { previous_.reset(); }

  // When the wait for an answer ends.
  [[nodiscard]] base::MonoTime give_up() const { return give_up_; }
  // The exchange under way does not count: another follows at give_up().
  [[nodiscard]] bool is_warm_up() const { return warming_; }
  [[nodiscard]] bool nak_seen() const { return nak_seen_; }
  // Unproven, so that only silence after it gives it weight.
  [[nodiscard]] std::optional<base::ReferenceId> kiss_seen() const { return kiss_seen_; }

 private:
  ClientRequest request_;
  base::Endpoint to_;
  base::MonoTime give_up_;
  bool nak_seen_ = false;
  std::optional<base::ReferenceId> kiss_seen_;
  // Interleaved mode: the last exchange, if it was answered and our clock has not been stepped since.
  std::optional<OpenExchange> previous_;
  int warm_ups_ = 0;  // made ahead of the one that counts
  bool warming_ = false;
};

}  // namespace gnomon::engine
