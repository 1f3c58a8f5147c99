// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/key_files.hpp"

#include <chrono>
#include <utility>

namespace gnomon::launcher {
namespace {

constexpr base::Duration look_interval = std::chrono::seconds{10};
constexpr base::Duration rare_look_interval = std::chrono::hours{1};  // for what the kernel does not tell

constexpr SecretKind key_secret{.directive = "ntskeysecret", .what = "The secret for server keys"};
// chrony uses it whoever may read it.
constexpr SecretKind symmetric_keys{
    .directive = "keyfile", .what = "The file of symmetric keys", .others_may_not_read = false};

}  // namespace

KeyFiles KeyFiles::of(const config::Config& config) {
  KeyFiles files;
  if (config.serves_nts()) files.secret_ = SecretFile{config.nts.key_secret_file, key_secret};
  files.symmetric_keys_ = SecretFile{config.process.key_file, symmetric_keys};
  return files;
}

// Keys that follow from a secret do so until the end, whoever is served meanwhile: the core waits for it.
void KeyFiles::follow(const config::Config& config) {
  auto others = of(config);
  if (wants_secret()) others.secret_ = SecretFile{config.nts.key_secret_file, key_secret};
  others.complaint_ = std::move(complaint_);
  others.complained_ = complained_;
  *this = std::move(others);
}

base::Fd KeyFiles::open_secret(base::MonoTime now, base::Log& log) {
  next_look_ = now + (told_ ? rare_look_interval : look_interval);
  if (!secret_.wanted()) return {};
  auto opened = secret_.open();
  if (opened) {
    complaint_.clear();
    return std::move(opened->file);
  }
  // A change of the file and a reload, one after the other, are one occasion to say so.
  if (complaint_ == opened.error() && now - complained_ < look_interval) return {};
  complaint_ = opened.error();
  complained_ = now;
  log.write(base::LogEvent::key_secret_unreadable, opened.error(),
            {{base::LogField::directive, secret_.directive()}});
  return {};
}

base::Fd KeyFiles::open_symmetric_keys(base::Log& log) {
  if (!symmetric_keys_.wanted()) return {};
  auto opened = symmetric_keys_.open();
  if (!opened) {
    log.write(base::LogEvent::symmetric_keys_unreadable,
              opened.error() + "; the keys read before, if any, stay in use",
              {{base::LogField::directive, symmetric_keys_.directive()}});
    return {};
  }
  if (!opened->advice.empty())
    log.write(base::LogEvent::symmetric_keys_exposed, opened->advice,
              {{base::LogField::directive, symmetric_keys_.directive()}});
  return std::move(opened->file);
}

bool KeyFiles::secret_has_changed(base::MonoTime now) {
  if (!secret_.wanted() || now < next_look_) return false;
  next_look_ = now + (told_ ? rare_look_interval : look_interval);
  return secret_.changed();
}

std::optional<base::MonoTime> KeyFiles::next_look() const {
  return secret_.wanted() ? std::optional{next_look_} : std::nullopt;
}

}  // namespace gnomon::launcher
