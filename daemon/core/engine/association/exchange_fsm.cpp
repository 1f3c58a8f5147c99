// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/exchange_fsm.hpp"

#include <chrono>
#include <utility>

namespace gnomon::engine {

namespace {

using namespace std::chrono_literals;

constexpr base::Duration warm_up_lead = 2s;

}  // namespace

Exchange ExchangeFsm::start(const RequestPlan& plan, NtsClient* nts, base::MonoTime now,
                            const StepEntropy& entropy) {
  const auto origin = previous_ ? previous_->exchanged.header.receive : base::NtpTimestamp{};
  request_ = make_request(plan.version, plan.poll, nts, origin, entropy, plan.wished);
  if (plan.key) add_mac(request_, plan.key);
  to_ = plan.to;
  warming_ = warm_ups_ < plan.warm_ups;
  warm_ups_ = warming_ ? warm_ups_ + 1 : 0;
  give_up_ = now + (warming_ ? warm_up_lead : plan.timeout);
  nak_seen_ = false;
  kiss_seen_.reset();
  return {to_, request_.datagram, give_up_};
}

Reception ExchangeFsm::receive(const Received& event, const NtsClient* nts) {
  Reception reception;
  if (event.from != to_) return reception;
  reception.check = check_response(event.datagram, request_, nts);
  switch (reception.check.disposition) {
    case Disposition::ignored:
      break;
    case Disposition::nak:
      reception.first_nak = !std::exchange(nak_seen_, true);
      break;
    case Disposition::kiss:
      // A server that sends a kiss sends no answer: whoever forges one cannot keep the true answer from being
      // heard.
      reception.ends = reception.check.authenticated;
      reception.first_kiss = !reception.ends && !kiss_seen_;
      if (reception.first_kiss) kiss_seen_ = reception.check.header.reference_id;
      break;
    case Disposition::answer:
      reception.ends = true;
      break;
  }
  return reception;
}

OpenExchange ExchangeFsm::complete(const Received& event, const ResponseCheck& check, base::MonoTime now,
                                   bool keep) {
  const OpenExchange own{{.header = check.header,
                          .sent = event.sent,
                          .received = event.received,
                          .local = event.local,
                          .server = event.from.address,
                          .ours = event.ours,
                          .authenticated = check.authenticated,
                          .extensions = check.extensions},
                         now};
  auto completed = own;
  if (previous_ && check.mode == protocol::AnswerMode::interleaved) {
    completed = *previous_;
    completed.exchanged.header = check.header;
    completed.exchanged.header.receive = previous_->exchanged.header.receive;
    completed.exchanged.ours = event.ours;
    completed.exchanged.interleaved = true;
    completed.exchanged.extensions.monotonic = check.extensions.monotonic;
  }
  if (keep) previous_ = own;
  return completed;
}

void ExchangeFsm::measured(const Exchanged& exchanged) {
  if (previous_) previous_->measured = !exchanged.interleaved;
}

}  // namespace gnomon::engine
