// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/nts_client.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "protocol/nts/records.hpp"

namespace gnomon::engine {

namespace {

// Waits are 2^(exponent + attempts before this one) seconds.
constexpr int after_busy = 1;
constexpr int after_connection_failure = 4;
constexpr int after_tls = 10;
constexpr base::Log2Seconds longest{19};
constexpr int longest_after_busy = 6;
constexpr base::Seconds most_kept{64};  // over a restart
constexpr base::Seconds least_kept{8};
constexpr base::Duration cancelled_pause = std::chrono::seconds(8);
constexpr base::Duration hastened_pause = std::chrono::seconds(10);
constexpr base::Duration keeps_fresh = std::chrono::hours(1);

base::Seconds power_of_two(int exponent) {
  return base::Seconds{std::ldexp(1.0, exponent)};
}

// Our own NTS-KE process being busy or gone is no reason to stay away from the server for long.
base::Seconds retry_wait(const protocol::KeFailure& failure, int failures_before) {
  if (failure.reached_tls()) return power_of_two(after_tls + failures_before);
  if (failure.reason < protocol::KeFailureReason::busy)
    return power_of_two(after_connection_failure + failures_before);
  return power_of_two(std::min(after_busy + failures_before, longest_after_busy));
}

}  // namespace

bool NtsClient::wants_ke(base::MonoTime now, base::Seconds refresh) const {
  if (demanded_ || !ready()) return true;
  return refresh.count() > 0 && last_ke_ && base::to_seconds(now - *last_ke_) > refresh;
}

void NtsClient::ke_started(base::MonoTime now) {
  ++attempts_;
  started_ = now;
}

// At once for the first time: the network has just come. One that comes and goes would else have many
// sessions under way, since each lasts for seconds when nobody answers.
void NtsClient::ke_cancelled(base::MonoTime now) {
  if (attempts_ > 0) --attempts_;
  if (++cancelled_ > 1) not_before_ = started_ + cancelled_pause;
  ke_allowed_at_ = std::max(now, not_before_);
}

base::Seconds NtsClient::longest_wait() const {
  return std::min(max_retry_.value_or(longest), longest).seconds();
}

void NtsClient::allow_ke_after(base::Seconds wait, base::MonoTime now, double jitter) {
  // A tenth at most, so that many clients of a server that came back do not come at once.
  ke_allowed_at_ = now + base::to_duration(wait * (1.0 + 0.1 * jitter));
}

bool NtsClient::use(const protocol::SessionKeys& keys) {
  auto c2s = protocol::Aead::make(keys.aead, keys.c2s.reveal());
  auto s2c = protocol::Aead::make(keys.aead, keys.s2c.reveal());
  if (!c2s || !s2c) return false;
  c2s_.emplace(std::move(*c2s));
  s2c_.emplace(std::move(*s2c));
  key_bits_ = keys.c2s.size() * 8;
  keys_ = {keys.aead, keys.c2s.duplicate(), keys.s2c.duplicate()};
  return true;
}

void NtsClient::ke_succeeded(const protocol::NtsSession& session, base::MonoTime now, double jitter) {
  forget_keys();
  cancelled_ = 0;
  if (!use(session.keys)) return;
  if (const auto& other = session.compliant_keys)
    other_keys_ = protocol::SessionKeys{other->aead, other->c2s.duplicate(), other->s2c.duplicate()};
  for (const auto& cookie : session.cookies) keep(cookie);
  demanded_ = false;
  provisional_ = forgive_dates_;
  changed_ = true;
  last_ke_ = now;
  ++successes_;
  last_failure_.reset();
  // Until a protected exchange succeeds this KE counts as a failed one: a server whose cookies are all
  // refused must not be hammered.
  const int failures = static_cast<int>(std::max<std::uint32_t>(attempts_, 1)) - 1;
  allow_ke_after(std::min(power_of_two(after_connection_failure + failures), longest_wait()), now, jitter);
}

base::Duration NtsClient::ke_failed(const protocol::KeFailure& failure, const base::Now& now, double jitter) {
  last_failure_ = failure;
  cancelled_ = 0;
  const int failures = static_cast<int>(std::clamp<std::uint32_t>(attempts_, 1, 100)) - 1;
  const base::Seconds wait = std::min(retry_wait(failure, failures), longest_wait());
  allow_ke_after(wait, now.mono, jitter);
  // Beyond a restart only so long that a crash loop does no harm: most restarts mean that something is new.
  const base::Seconds kept =
      std::min(wait, failure.reached_tls() && !failure.is_about_dates() ? most_kept : least_kept);
  back_off_ = KeBackOff{{}, attempts_, base::to_duration(kept), now.real};
  changed_ = true;
  // Keys that were given provisionally have failed the strict check.
  if (provisional_ && failure.reached_tls()) forget_keys();
  return ke_allowed_at_ - now.mono;
}

void NtsClient::forget_keys() {
  c2s_.reset();
  s2c_.reset();
  other_keys_.reset();
  cookies_.clear();
  spare_.reset();
  keys_ = {};
  provisional_ = false;
}

void NtsClient::forgive_dates(const protocol::KeFailure& failure, base::MonoTime next_attempt) {
  forgive_dates_ = true;
  last_failure_ = failure;
  if (attempts_ > 0) --attempts_;
  ke_allowed_at_ = next_attempt;
}

bool NtsClient::depends_on_cert_dates() const {
  return provisional_ || forgive_dates_ || (last_failure_ && last_failure_->is_about_dates());
}

void NtsClient::check_dates(base::MonoTime now) {
  if (depends_on_cert_dates()) ke_allowed_at_ = std::min(ke_allowed_at_, now);
  if (provisional_) demanded_ = true;
  forgive_dates_ = false;
}

void NtsClient::network_changed(base::MonoTime now) {
  if (last_failure_ && last_failure_->reached_tls()) return hasten(now);
  attempts_ = 0;
  ke_allowed_at_ = std::min(ke_allowed_at_, std::max(now, not_before_));
}

void NtsClient::hasten(base::MonoTime now) {
  if (last_failure_)
    ke_allowed_at_ = std::min(ke_allowed_at_, std::max({now, not_before_, started_ + hastened_pause}));
}

void NtsClient::clock_stepped(base::MonoTime now) {
  if (!last_failure_) return;
  // An authority that was not valid at the time before was none.
  if (!last_failure_->is_about_dates() && !waits_for_trust()) return;
  ke_allowed_at_ = std::min(ke_allowed_at_, now);
}

void NtsClient::trust_changed(base::MonoTime now) {
  if (waits_for_trust()) ke_allowed_at_ = std::min(ke_allowed_at_, now);
}

// The checker cannot see ready() through its callers.
const protocol::Aead& NtsClient::c2s() const {
  return *c2s_;  // NOLINT(bugprone-unchecked-optional-access)
}
const protocol::Aead& NtsClient::s2c() const {
  return *s2c_;  // NOLINT(bugprone-unchecked-optional-access)
}

base::Buffer NtsClient::take_cookie() {
  if (to_spend() == 0) {
    changed_ = true;
    spare_.reset();
  }
  const std::size_t oldest = spare_ == std::size_t{0} ? 1 : 0;
  base::Buffer cookie = std::move(cookies_.at(oldest));
  cookies_.erase(cookies_.begin() + static_cast<std::ptrdiff_t>(oldest));
  if (spare_ && *spare_ > oldest) --*spare_;
  return cookie;
}

void NtsClient::keep(const base::Buffer& cookie) {
  if (cookie.empty() || cookies() >= protocol::cookies_wanted) return;
  cookie_length_ = cookie.size();
  cookies_.push_back(cookie);
}

void NtsClient::answered(const std::vector<base::Buffer>& new_cookies) {
  for (const auto& cookie : new_cookies) keep(cookie);
  other_keys_.reset();
  if (back_off_ || (!spare_ && cookies_.size() > 1)) changed_ = true;
  back_off_.reset();
  attempts_ = 0;
  naks_ = 0;
  ke_allowed_at_ = base::MonoTime{};
}

bool NtsClient::refused() {
  ++naks_;
  const auto other = std::exchange(other_keys_, std::nullopt);
  if (other && to_spend() > 0 && use(*other)) return true;
  demanded_ = true;
  return false;
}

bool NtsClient::worth_keeping(base::MonoTime now) const {
  return changed_ || (to_spend() > 0 && now - kept_at_ >= keeps_fresh);
}

std::optional<protocol::CookieFile> NtsClient::keep(const base::Now& now, bool leaving) {
  changed_ = false;
  kept_at_ = now.mono;
  if (!ready() || provisional_ || !last_ke_) return std::nullopt;
  if (!leaving && to_spend() > 0) spare_ = cookies_.size() - 1;
  protocol::CookieFile file;
  file.established = now.real - (now.mono - *last_ke_);
  file.context = successes_;
  file.keys = {keys_.aead, keys_.c2s.duplicate(), keys_.s2c.duplicate()};
  if (leaving)
    file.cookies.assign(cookies_.begin(), cookies_.end());
  else if (spare_)
    file.cookies.push_back(cookies_.at(*spare_));
  if (file.cookies.empty()) return std::nullopt;
  return file;
}

bool NtsClient::restore(const protocol::CookieFile& file, const base::Now& now) {
  forget_keys();
  if (!use(file.keys)) return false;
  for (const auto& cookie : file.cookies) keep(cookie);
  // The last of them goes on standing in the file.
  if (!cookies_.empty()) spare_ = cookies_.size() - 1;
  changed_ = true;
  successes_ = file.context;
  last_ke_ = now.mono - std::max(now.real - file.established, base::Duration{});
  return true;
}

void NtsClient::restore(const KeBackOff& back_off, const base::Now& now) {
  constexpr std::uint32_t most = 30;
  // The clock may be anything: nobody waits longer than was meant.
  const auto passed = std::max(now.real - back_off.since, base::Duration{});
  const auto limit = base::to_duration(base::Seconds{most_kept});
  const auto left = std::clamp(back_off.wait - passed, base::Duration{}, limit);
  attempts_ = std::min(back_off.attempts, most);
  ke_allowed_at_ = now.mono + left;
  back_off_ = back_off;
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
  report.provisional = provisional_;
  report.naks = naks_;
  report.cookies = static_cast<std::uint32_t>(cookies());
  report.cookie_length =
      static_cast<std::uint32_t>(cookies_.empty() ? cookie_length_ : cookies_.front().size());
  if (last_failure_) report.last_failure = protocol::to_text(last_failure_->reason);
  return report;
}

}  // namespace gnomon::engine
