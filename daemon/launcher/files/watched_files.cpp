// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/watched_files.hpp"

#include <algorithm>
#include <utility>

namespace gnomon::launcher {

void WatchedFiles::replace(CertificateWatch certificates, CertificateWatch trust) {
  certificates_ = std::move(certificates);
  trust_ = std::move(trust);
}

void WatchedFiles::follow(base::MonoTime now) {
  follow_due_.reset();
  auto paths = certificates_.paths();
  paths.insert(paths.end(), trust_.paths().begin(), trust_.paths().end());
  if (auto secret = keys_.secret_path(); !secret.empty()) paths.push_back(std::move(secret));
  if (watch_.descriptor() < 0) watch_ = base::PathWatch::make();
  const bool told = watch_.follow(paths);
  for (auto* const files : {&certificates_, &trust_}) {
    files->set_told(told);
    files->hear_change(now);
  }
  keys_.set_told(told);
  keys_.hear_change(now);
}

int WatchedFiles::descriptor(base::MonoTime now) const {
  return now < next_hearing_ ? -1 : watch_.descriptor();
}

void WatchedFiles::hear(base::MonoTime now) {
  if (!watch_.hear()) return;
  next_hearing_ = now + certificate_unrest_interval;
  follow(now);
}

WatchedFiles::Changes WatchedFiles::look(base::MonoTime now) {
  if (follow_due_ && now >= *follow_due_) follow(now);
  return {.secret = keys_.secret_has_changed(now),
          .certificates = certificates_.look(now),
          .trust = trust_.look(now)};
}

std::optional<base::MonoTime> WatchedFiles::next_look(base::MonoTime now) const {
  std::optional<base::MonoTime> next;
  const auto hearing = next_hearing_ > now ? std::optional{next_hearing_} : std::nullopt;
  for (const auto& each :
       {follow_due_, hearing, keys_.next_look(), certificates_.next_look(), trust_.next_look()})
    if (each) next = std::min(next.value_or(*each), *each);
  return next;
}

}  // namespace gnomon::launcher
