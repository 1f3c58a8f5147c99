// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/nts_client.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "protocol/nts/records.hpp"

namespace gnomon::engine {

namespace {

// Waits are 2^(exponent + attempts before this one) seconds.
constexpr int after_busy = 1;
constexpr int after_connection_failure = 4;
constexpr int after_tls = 10;
constexpr int longest = 19;
constexpr int longest_after_busy = 6;

// Seconds. Our own NTS-KE process being busy or gone is no reason to stay away from the server for long.
double retry_wait(const protocol::KeFailure& failure, int failures_before) {
  if (failure.reached_tls()) return std::ldexp(1.0, after_tls + failures_before);
  if (failure.reason < protocol::KeFailureReason::busy)
    return std::ldexp(1.0, after_connection_failure + failures_before);
  return std::ldexp(1.0, std::min(after_busy + failures_before, longest_after_busy));
}

bool is_about_dates(const protocol::KeFailure& failure) {
  return failure.reason == protocol::KeFailureReason::certificate_expired ||
         failure.reason == protocol::KeFailureReason::certificate_not_yet_valid;
}

}  // namespace

bool NtsClient::wants_ke(base::MonoTime now, base::Seconds refresh) const {
  if (demanded_ || !ready()) return true;
  return refresh.count() > 0 && last_ke_ && base::to_seconds(now - *last_ke_) > refresh;
}

void NtsClient::ke_started() {
  ++attempts_;
}

void NtsClient::ke_cancelled(base::MonoTime now) {
  if (attempts_ > 0) --attempts_;
  ke_allowed_at_ = now;
}

double NtsClient::longest_wait() const {
  return std::ldexp(1.0, std::min(max_retry_.value_or(longest), longest));
}

void NtsClient::allow_ke_after(double seconds, base::MonoTime now, double jitter) {
  // A tenth at most, so that many clients of a server that came back do not come at once.
  ke_allowed_at_ = now + base::to_duration(base::Seconds{seconds * (1.0 + 0.1 * jitter)});
}

bool NtsClient::use(const protocol::SessionKeys& keys) {
  auto c2s = protocol::Aead::make(keys.aead, keys.c2s.reveal());
  auto s2c = protocol::Aead::make(keys.aead, keys.s2c.reveal());
  if (!c2s || !s2c) return false;
  c2s_.emplace(std::move(*c2s));
  s2c_.emplace(std::move(*s2c));
  key_bits_ = keys.c2s.size() * 8;
  return true;
}

void NtsClient::ke_succeeded(const protocol::NtsSession& session, base::MonoTime now, double jitter) {
  forget_keys();
  if (!use(session.keys)) return;
  if (const auto& other = session.compliant_keys)
    other_keys_ = protocol::SessionKeys{other->aead, other->c2s.duplicate(), other->s2c.duplicate()};
  for (const auto& cookie : session.cookies) keep(cookie);
  demanded_ = false;
  last_ke_ = now;
  ++successes_;
  last_failure_.reset();
  // Until a protected exchange succeeds this KE counts as a failed one: a server whose cookies are all
  // refused must not be hammered.
  const int failures = static_cast<int>(std::max<std::uint32_t>(attempts_, 1)) - 1;
  allow_ke_after(std::min(std::ldexp(1.0, after_connection_failure + failures), longest_wait()), now, jitter);
}

base::Duration NtsClient::ke_failed(const protocol::KeFailure& failure, base::MonoTime now, double jitter) {
  last_failure_ = failure;
  const int failures = static_cast<int>(std::clamp<std::uint32_t>(attempts_, 1, 100)) - 1;
  const double wait = std::min(retry_wait(failure, failures), longest_wait());
  allow_ke_after(wait, now, jitter);
  return ke_allowed_at_ - now;
}

void NtsClient::forget_keys() {
  c2s_.reset();
  s2c_.reset();
  other_keys_.reset();
  cookies_.clear();
}

void NtsClient::network_changed(base::MonoTime now) {
  if (last_failure_ && last_failure_->reached_tls()) return;
  attempts_ = 0;
  ke_allowed_at_ = std::min(ke_allowed_at_, now);
}

void NtsClient::clock_stepped(base::MonoTime now) {
  if (!last_failure_ || !is_about_dates(*last_failure_)) return;
  ke_allowed_at_ = std::min(ke_allowed_at_, now);
}

// The checker cannot see ready() through its callers.
const protocol::Aead& NtsClient::c2s() const {
  return *c2s_;  // NOLINT(bugprone-unchecked-optional-access)
}
const protocol::Aead& NtsClient::s2c() const {
  return *s2c_;  // NOLINT(bugprone-unchecked-optional-access)
}

base::Buffer NtsClient::take_cookie() {
  base::Buffer cookie = std::move(cookies_.front());
  cookies_.pop_front();
  return cookie;
}

void NtsClient::keep(const base::Buffer& cookie) {
  if (cookie.empty() || cookies_.size() >= protocol::cookies_wanted) return;
  cookie_length_ = cookie.size();
  cookies_.push_back(cookie);
}

void NtsClient::answered(const std::vector<base::Buffer>& new_cookies) {
  for (const auto& cookie : new_cookies) keep(cookie);
  other_keys_.reset();
  attempts_ = 0;
  naks_ = 0;
  ke_allowed_at_ = base::MonoTime{};
}

bool NtsClient::refused() {
  ++naks_;
  const auto other = std::exchange(other_keys_, std::nullopt);
  if (other && !cookies_.empty() && use(*other)) return true;
  demanded_ = true;
  return false;
}

AuthReport NtsClient::report(base::MonoTime now) const {
  AuthReport report;
  report.mode = AuthMode::nts;
  report.key_id = successes_;
  if (c2s_) {
    report.key_type = static_cast<std::uint16_t>(c2s_->id());
    report.key_length = static_cast<std::uint16_t>(key_bits_);
  }
  if (last_ke_) report.last_ke = now - *last_ke_;
  report.ke_attempts = attempts_;
  report.naks = naks_;
  report.cookies = static_cast<std::uint32_t>(cookies_.size());
  report.cookie_length =
      static_cast<std::uint32_t>(cookies_.empty() ? cookie_length_ : cookies_.front().size());
  if (last_failure_) report.last_failure = protocol::to_text(last_failure_->reason);
  return report;
}

}  // namespace gnomon::engine
