// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/certificate_watch.hpp"

#include <utility>

namespace gnomon::launcher {

CertificateWatch CertificateWatch::of(const config::Config& config) {
  if (!config.serves_ke()) return {};
  std::vector<std::string> paths;
  for (const auto& pair : config.nts.certificates) {
    paths.push_back(pair.certificate_file);
    paths.push_back(pair.key_file);
  }
  return CertificateWatch{std::move(paths)};
}

CertificateWatch::Stamps CertificateWatch::look_at_all() const {
  Stamps stamps;
  for (const auto& path : paths_) stamps.push_back(stamp_of_(path));
  return stamps;
}

void CertificateWatch::reading(base::MonoTime now) {
  read_ = look_at_all();
  seen_ = read_;
  seen_since_ = now;
  next_look_ = now + interval_;
}

std::optional<base::MonoTime> CertificateWatch::next_look() const {
  return paths_.empty() ? std::nullopt : std::optional{next_look_};
}

std::vector<std::string> CertificateWatch::look(base::MonoTime now) {
  if (paths_.empty() || now < next_look_) return {};
  auto stamps = look_at_all();
  if (stamps != seen_) seen_since_ = now;
  seen_ = std::move(stamps);
  next_look_ = now + (seen_ == read_ ? interval_ : certificate_unrest_interval);
  std::vector<std::string> changed;
  if (now - seen_since_ < certificate_quiet) return changed;
  for (std::size_t i = 0; i < paths_.size(); ++i)
    if (seen_[i] != read_[i]) changed.push_back(paths_[i]);
  return changed;
}

}  // namespace gnomon::launcher
