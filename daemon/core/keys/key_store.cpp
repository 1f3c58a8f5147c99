// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/keys/key_store.hpp"

#include <fmt/core.h>

#include <cerrno>

#include "base/os/file.hpp"
#include "base/os/regular_file.hpp"
#include "daemon/core/keys/random_octets.hpp"

namespace gnomon::core {

namespace {

constexpr std::size_t max_key_file = 4096;

// What to do about a file that was refused.
const char* consequence(bool managed_elsewhere, bool unread) {
  if (managed_elsewhere) return "the keys in use stay; whoever manages the file must write it again";
  return unread ? "it is left as it is and tried again later; until then clients need a new NTS-KE session"
                : "new keys are made, and clients will need a new NTS-KE session";
}

}  // namespace

KeyStore::KeyStore(KeyStoreSettings settings, base::Log& log, base::MonoTime now)
    : settings_(std::move(settings)), log_(log), made_(now) {
  if (settings_.directory.empty()) {
    log_.write(base::LogEvent::server_keys_not_kept,
               "No ntsdumpdir to save server keys: clients will need a new NTS-KE session after a restart");
    make_fresh();
    return;
  }
  if (!load(now)) make_fresh();
  if (const auto due = next_rotation(); due && *due <= now) {
    keys_ = protocol::rotate(keys_, RandomOctets<64>{}.bytes());
    made_ = now;
  }
  save(now);
}

void KeyStore::make_fresh() {
  keys_ = protocol::make_key_set(RandomOctets<128>{}.bytes());
}

bool KeyStore::load(base::MonoTime now) {
  seen_ = base::stamp_of(path());
  auto text = base::read_file(path(), max_key_file);
  const int error = text ? 0 : text.error().code;
  unread_ = error != 0 && error != ENOENT && error != EFBIG && !managed_elsewhere();
  if (!text) {
    if (error != ENOENT || managed_elsewhere())
      log_.write(base::LogEvent::server_keys_unreadable,
                 fmt::format("Could not read the server keys in {}: {}; {}", path(),
                             base::to_string(text.error()), consequence(managed_elsewhere(), unread_)),
                 {{base::LogField::file, path()}, {base::LogField::os_error, error}});
    return false;
  }
  auto file = protocol::parse_key_file(*text);
  explicit_bzero(text->data(), text->size());
  if (!file) {
    log_.write(base::LogEvent::server_keys_damaged,
               fmt::format("Server keys in {} are damaged ({}); {}", path(), file.error(),
                           consequence(managed_elsewhere(), false)),
               {{base::LogField::file, path()}, {base::LogField::reason, file.error()}});
    return false;
  }
  keys_ = std::move(file->set);
  made_ = now - base::to_duration(file->age);
  log_.write(base::LogEvent::server_keys_loaded, fmt::format("Loaded server keys from {}", path()),
             {{base::LogField::file, path()}});
  return true;
}

bool KeyStore::reload(base::MonoTime now) {
  return !settings_.directory.empty() && load(now);
}

bool KeyStore::has_changed() const {
  return managed_elsewhere() && !settings_.directory.empty() && base::stamp_of(path()) != seen_;
}

std::optional<base::MonoTime> KeyStore::next_rotation() const {
  if (managed_elsewhere()) return std::nullopt;
  return made_ + base::to_duration(settings_.rotation);
}

void KeyStore::rotate(base::MonoTime now) {
  keys_ = protocol::rotate(keys_, RandomOctets<64>{}.bytes());
  made_ = now;
  log_.write(base::LogEvent::server_keys_rotated, "Rotated the server keys");
  save(now);
}

void KeyStore::save(base::MonoTime now) {
  if (settings_.directory.empty() || managed_elsewhere() || unread_) return;
  auto text = protocol::to_key_file(keys_, base::to_seconds(now - made_));
  const auto written = base::write_file_atomically(path(), text, 0600);
  explicit_bzero(text.data(), text.size());
  if (!written) return say_not_saved(written.error());
  if (is_unsaved())
    log_.write(base::LogEvent::server_keys_saved_again,
               fmt::format("Server keys are saved in {} again", path()), {{base::LogField::file, path()}});
  trouble_.clear();
}

bool KeyStore::retry(base::MonoTime now) {
  const bool read = unread_ && load(now);
  if (!read) save(now);
  return read;
}

void KeyStore::say_not_saved(const base::OsError& error) {
  const auto trouble = base::to_string(error);
  if (trouble == trouble_) return;
  trouble_ = trouble;
  log_.write(
      base::LogEvent::server_keys_not_saved,
      fmt::format("Could not save the server keys in {}: {}; after a restart clients would need a new NTS-KE "
                  "session, and saving is retried; {}",
                  path(), trouble, base::remedy_of_writing(error.code, path(), "ntsdumpdir")),
      {{base::LogField::file, path()}, {base::LogField::reason, trouble}});
}

}  // namespace gnomon::core
