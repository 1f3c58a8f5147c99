// SPDX-License-Identifier: GPL-2.0-or-later
// The NTS state of one association (RFC 8915 section 5.7): keys, cookie jar, when the next key establishment
// is due and allowed. Owned by its association.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/log2_seconds.hpp"
#include "base/time.hpp"
#include "daemon/core/engine/association/nts_memory.hpp"
#include "daemon/core/engine/values/reports.hpp"
#include "protocol/crypto/aead.hpp"
#include "protocol/nts/session.hpp"

namespace gnomon::engine {

class NtsClient {
 public:
  // max_retry: the longest wait between two attempts.
  explicit NtsClient(std::optional<base::Log2Seconds> max_retry) : max_retry_(max_retry) {}

  // --- key establishment
  [[nodiscard]] bool wants_ke(base::MonoTime now, base::Seconds refresh) const;
  [[nodiscard]] base::MonoTime ke_allowed_at() const { return ke_allowed_at_; }
  void ke_started(base::MonoTime now);
  void ke_cancelled(base::MonoTime now);  // from outside, not by failure: it does not count
  // Keys are provisional when dates were forgiven.
  void ke_succeeded(const protocol::NtsSession& session, base::MonoTime now, double jitter);
  // Returns how long to wait before the next attempt. jitter, here and above: 0 <= x < 1.
  base::Duration ke_failed(const protocol::KeFailure& failure, const base::Now& now, double jitter);
  void allow_ke_at(base::MonoTime when) { ke_allowed_at_ = when; }
  // The server does not answer, or not with keys of ours: run NTS-KE again as soon as allowed.
  void demand_ke() { demanded_ = true; }
  void forget_keys();
  // The network changed: failures to connect are forgiven, and those of TLS are looked into again, as what
  // answered may not have been the server. The clock was stepped: so are certificate dates.
  void network_changed(base::MonoTime now);
  // Somebody wants to know: a key exchange that failed is tried again, a few seconds after the last one at
  // the soonest.
  void hasten(base::MonoTime now);
  // The dates of certificates. This failure is to be forgiven in the next attempt, unless the time is known
  // by then.
  void forgive_dates(const protocol::KeFailure& failure, base::MonoTime next_attempt);
  [[nodiscard]] bool forgives_dates() const { return forgive_dates_; }
  [[nodiscard]] bool provisional() const { return provisional_; }
  // Keys, or the lack of them, that a better known time may change.
  [[nodiscard]] bool depends_on_cert_dates() const;
  // The time is better known: what depended on dates is checked again, strictly and at once.
  void check_dates(base::MonoTime now);
  void clock_stepped(base::MonoTime now);
  // Other authorities are trusted: who was refused for want of one is asked again at once.
  void trust_changed(base::MonoTime now);
  [[nodiscard]] bool waits_for_trust() const {
    return last_failure_ && last_failure_->reason == protocol::KeFailureReason::certificate_untrusted;
  }
  [[nodiscard]] std::uint32_t attempts() const { return attempts_; }
  [[nodiscard]] std::uint32_t naks() const { return naks_; }  // since the last protected exchange

  // --- protected exchanges
  [[nodiscard]] bool ready() const { return c2s_ && s2c_ && cookies() > 0; }
  // Only when ready().
  [[nodiscard]] const protocol::Aead& c2s() const;
  [[nodiscard]] const protocol::Aead& s2c() const;
  // The oldest cookie, the one set aside last of all; it is never given out again. Only when ready().
  [[nodiscard]] base::Buffer take_cookie();
  [[nodiscard]] std::size_t cookies() const { return cookies_.size(); }
  void answered(const std::vector<base::Buffer>& new_cookies);
  // The exchange ended with nothing but a NAK. True: the other keys of the last KE are worth a try at once.
  [[nodiscard]] bool refused();

  // --- what survives a restart
  // Something has changed, or the cookie that is kept has become old.
  [[nodiscard]] bool worth_keeping(base::MonoTime now) const;
  // Keys and the newest cookie, which is set aside for the time after a restart and not used before; when
  // leaving, all cookies. Name and address are the association's to add. nullopt: nothing to be kept.
  [[nodiscard]] std::optional<protocol::CookieFile> keep(const base::Now& now, bool leaving);
  [[nodiscard]] const std::optional<KeBackOff>& back_off() const { return back_off_; }
  // False: the keys do not fit their AEAD.
  [[nodiscard]] bool restore(const protocol::CookieFile& file, const base::Now& now);
  void restore(const KeBackOff& back_off, const base::Now& now);
  void address_changed() { changed_ = true; }

  [[nodiscard]] AuthReport report(base::MonoTime now) const;
  // Of NTS-KE, none since the last success.
  [[nodiscard]] const std::optional<protocol::KeFailure>& last_failure() const { return last_failure_; }

 private:
  void keep(const base::Buffer& cookie);
  [[nodiscard]] bool use(const protocol::SessionKeys& keys);
  [[nodiscard]] base::Seconds longest_wait() const;
  void allow_ke_after(base::Seconds wait, base::MonoTime now, double jitter);
  // Of the cookies those that are not in the file.
  [[nodiscard]] std::size_t to_spend() const { return cookies_.size() - (spare_ ? 1 : 0); }

  std::optional<base::Log2Seconds> max_retry_;
  std::optional<protocol::Aead> c2s_;
  std::optional<protocol::Aead> s2c_;
  std::optional<protocol::SessionKeys> other_keys_;
  std::deque<base::Buffer> cookies_;  // the oldest first, over restarts, too
  std::optional<std::size_t> spare_;  // which of them is in the file
  protocol::SessionKeys keys_;        // as c2s_ and s2c_, to be kept
  bool forgive_dates_ = false;
  bool provisional_ = false;
  bool changed_ = false;  // since keep()
  base::MonoTime kept_at_;
  std::optional<KeBackOff> back_off_;
  std::size_t cookie_length_ = 0;
  std::size_t key_bits_ = 0;
  bool demanded_ = false;
  base::MonoTime ke_allowed_at_;
  std::optional<base::MonoTime> last_ke_;
  std::optional<protocol::KeFailure> last_failure_;
  std::uint32_t attempts_ = 0;  // since the last protected exchange
  // A key exchange that we gave up may still be under way there: not begun again before that.
  base::MonoTime not_before_;
  base::MonoTime started_;
  int cancelled_ = 0;  // in a row
  std::uint32_t successes_ = 0;
  std::uint32_t naks_ = 0;
};

}  // namespace gnomon::engine
