// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/keys/certificate_monitor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "async/every.hpp"
#include "base/utc_text.hpp"

namespace gnomon::core {

namespace {

using std::chrono::days;

constexpr days early_warning{30};
constexpr days late_warning{7};

constexpr base::Duration longest_pause = std::chrono::hours{24};

}  // namespace

DateVerdict judge_dates(const ipc::CertificateFacts& facts, base::RealTime now) {
  if (now >= facts.not_after) return DateVerdict::ended;
  if (now < facts.not_before) return DateVerdict::not_begun;
  if (now >= facts.not_after - late_warning) return DateVerdict::ends_in_7_days;
  if (now >= facts.not_after - early_warning) return DateVerdict::ends_in_30_days;
  return DateVerdict::valid;
}

std::optional<base::RealTime> next_verdict(const ipc::CertificateFacts& facts, base::RealTime now) {
  std::optional<base::RealTime> next;
  for (const auto& limit :
       {facts.not_before, facts.not_after - early_warning, facts.not_after - late_warning, facts.not_after})
    if (limit > now) next = std::min(next.value_or(limit), limit);
  return next;
}

CertificateMonitor::CertificateMonitor(const config::Config& config, async::TaskGroup& tasks, base::Log& log)
    : tasks_(tasks), log_(log), timer_(tasks.loop()) {
  set(config);
}

void CertificateMonitor::set(const config::Config& config) {
  pairs_.clear();
  refusal_.reset();
  if (!config.serves_ke()) return;
  for (const auto& pair : config.nts.certificates) pairs_.push_back({.file = pair.certificate_file});
}

void CertificateMonitor::start() {
  if (pairs_.empty()) return;
  look_at_dates(tasks_.now().real);
  tasks_.spawn("certificate dates", async::every(
                                        timer_, [this] { return next_pause(tasks_.now().real); },
                                        [this] { look_at_dates(tasks_.now().real); }));
}

bool CertificateMonitor::accept(const ipc::CertificateFacts& facts, base::RealTime now) {
  if (facts.pair >= pairs_.size()) return false;
  refusal_.reset();  // who says this has loaded all of them
  auto& pair = pairs_[facts.pair];
  if (pair.facts && pair.facts->fingerprint == facts.fingerprint) return true;
  if (facts.names.empty() && facts.further_names == 0)
    log_.write(
        base::LogEvent::certificate_without_names,
        fmt::format("{}: the certificate has no subject alternative name; clients that follow RFC 9525 "
                    "reject it, whatever its common name. Get a certificate with the server's DNS name",
                    pair.file),
        {{base::LogField::file, pair.file}});
  pair = {.file = pair.file, .facts = facts, .since = now};
  look_at_dates(now);
  timer_.wake();  // there is another certificate to wait for
  return true;
}

std::vector<control::Notice> CertificateMonitor::notices() const {
  if (!refusal_) return {};
  const char* const rest = in_use() ? "What was read before stays in use, until a restart."
                                    : "There is no NTS key exchange: clients without cookies get no time.";
  return {{.text = fmt::format("The certificates cannot be used, since {}: {}. {}",
                               base::utc_minutes(refusal_->since), refusal_->reason, rest),
           .remedy =
               "Put matching files there; they are read again when they change, and by `gnomonctl reload`."}};
}

// With each further try the same is said again.
void CertificateMonitor::refuse(const std::string& reason, base::RealTime now) {
  if (!refusal_) refusal_.emplace(control::CertificatesRefusal{.reason = {}, .since = now});
  refusal_->reason = reason;
}

void CertificateMonitor::on_clock_set() {
  look_at_dates(tasks_.now().real);
  timer_.wake();  // the next date is another time away
}

void CertificateMonitor::look_at_dates(base::RealTime now) {
  for (auto& pair : pairs_) {
    if (!pair.facts) continue;
    const auto verdict = judge_dates(*pair.facts, now);
    if (verdict != pair.said) say(pair, verdict, now);
    pair.said = verdict;
  }
}

void CertificateMonitor::say(Pair& pair, DateVerdict verdict, base::RealTime now) {
  const auto& facts = *pair.facts;
  switch (verdict) {
    case DateVerdict::valid:
      return;
    case DateVerdict::ends_in_30_days:
    case DateVerdict::ends_in_7_days:
      log_.write(
          base::LogEvent::certificate_expires_soon,
          fmt::format("{}: the certificate expires on {}, within {} days. Renew it: gnomond reads the files "
                      "again when they change",
                      pair.file, base::utc_minutes(facts.not_after),
                      std::chrono::ceil<days>(facts.not_after - now).count()),
          {{base::LogField::file, pair.file}});
      return;
    case DateVerdict::ended:
      log_.write(
          base::LogEvent::certificate_expired,
          fmt::format("{}: the certificate expired on {}, NTS clients reject it. Renew it: gnomond reads "
                      "the files again when they change",
                      pair.file, base::utc_minutes(facts.not_after)),
          {{base::LogField::file, pair.file}});
      return;
    case DateVerdict::not_begun:
      log_.write(
          base::LogEvent::certificate_not_yet_valid,
          fmt::format(
              "{}: by our clock the certificate is not valid before {}, NTS clients reject it until then",
              pair.file, base::utc_minutes(facts.not_before)),
          {{base::LogField::file, pair.file}});
  }
}

base::Duration CertificateMonitor::next_pause(base::RealTime now) const {
  auto pause = longest_pause;
  for (const auto& pair : pairs_)
    if (const auto next = pair.facts ? next_verdict(*pair.facts, now) : std::nullopt)
      pause = std::min(pause, *next - now);
  return pause;
}

std::vector<control::CertificateReport> CertificateMonitor::report(base::RealTime now) const {
  std::vector<control::CertificateReport> reports;
  for (const auto& pair : pairs_) {
    auto& report = reports.emplace_back();
    report.file = pair.file;
    report.refusal = refusal_;
    if (!pair.facts) continue;
    report.in_use_since = pair.since;
    report.facts = *pair.facts;
    report.days_left = std::chrono::floor<days>(pair.facts->not_after - now).count();
  }
  return reports;
}

}  // namespace gnomon::core
