// SPDX-License-Identifier: GPL-2.0-or-later
// The NTS state of one association (RFC 8915 section 5.7): keys, cookie jar, when the next key establishment
// is due and allowed. Owned by its association.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "daemon/core/engine/reports.hpp"
#include "protocol/crypto/aead.hpp"
#include "protocol/nts/session.hpp"

namespace gnomon::engine {

class NtsClient {
 public:
  // max_retry: log2 seconds, the longest wait between two attempts.
  explicit NtsClient(std::optional<int> max_retry) : max_retry_(max_retry) {}

  // --- key establishment
  [[nodiscard]] bool wants_ke(base::MonoTime now, base::Seconds refresh) const;
  [[nodiscard]] base::MonoTime ke_allowed_at() const { return ke_allowed_at_; }
  void ke_started();
  void ke_cancelled(base::MonoTime now);  // from outside, not by failure: it does not count
  void ke_succeeded(const protocol::NtsSession& session, base::MonoTime now, double jitter);
  // Returns how long to wait before the next attempt. jitter: 0 <= x < 1.
  base::Duration ke_failed(const protocol::KeFailure& failure, base::MonoTime now, double jitter);
  void allow_ke_at(base::MonoTime when) { ke_allowed_at_ = when; }
  // The server does not answer, or not with keys of ours: run NTS-KE again as soon as allowed.
  void demand_ke() { demanded_ = true; }
  void forget_keys();
  // The network changed: failures to connect are forgiven. The clock was stepped: so are certificate dates.
  void network_changed(base::MonoTime now);
  void clock_stepped(base::MonoTime now);
  [[nodiscard]] std::uint32_t attempts() const { return attempts_; }
  [[nodiscard]] std::uint32_t naks() const { return naks_; }  // since the last protected exchange

  // --- protected exchanges
  [[nodiscard]] bool ready() const { return c2s_ && s2c_ && !cookies_.empty(); }
  // Only when ready().
  [[nodiscard]] const protocol::Aead& c2s() const;
  [[nodiscard]] const protocol::Aead& s2c() const;
  // The oldest cookie; it is never given out again. Only when ready().
  [[nodiscard]] base::Buffer take_cookie();
  [[nodiscard]] std::size_t cookies() const { return cookies_.size(); }
  void answered(const std::vector<base::Buffer>& new_cookies);
  // The exchange ended with nothing but a NAK. True: the other keys of the last KE are worth a try at once.
  [[nodiscard]] bool refused();

  [[nodiscard]] AuthReport report(base::MonoTime now) const;

 private:
  void keep(const base::Buffer& cookie);
  [[nodiscard]] bool use(const protocol::SessionKeys& keys);
  [[nodiscard]] double longest_wait() const;
  void allow_ke_after(double seconds, base::MonoTime now, double jitter);

  std::optional<int> max_retry_;
  std::optional<protocol::Aead> c2s_;
  std::optional<protocol::Aead> s2c_;
  std::optional<protocol::SessionKeys> other_keys_;
  std::deque<base::Buffer> cookies_;
  std::size_t cookie_length_ = 0;
  std::size_t key_bits_ = 0;
  bool demanded_ = false;
  base::MonoTime ke_allowed_at_;
  std::optional<base::MonoTime> last_ke_;
  std::optional<protocol::KeFailure> last_failure_;
  std::uint32_t attempts_ = 0;  // since the last protected exchange
  std::uint32_t successes_ = 0;
  std::uint32_t naks_ = 0;
};

}  // namespace gnomon::engine
