// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/keys/fleet_keys.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/os/file.hpp"
#include "daemon/core/keys/random_octets.hpp"

namespace gnomon::core {

namespace {

// In the order of the lines.
std::string fingerprints(std::span<const protocol::KeySecret> secrets) {
  std::string all;
  for (const auto& each : secrets) all += (all.empty() ? "" : ", ") + each.fingerprint();
  return all;
}

}  // namespace

FleetKeys::FleetKeys(std::chrono::seconds rotation, std::string path, base::Log& log)
    : rotation_(std::max(rotation, std::chrono::seconds{1})), path_(std::move(path)), log_(log) {
  keys_.push_back(protocol::make_key_set(RandomOctets<128>{}.bytes()));
}

const char* FleetKeys::what_goes_on() const {
  return secrets_.empty() ? "no other server can open this server's cookies"
                          : "the previous secrets are used";
}

std::string FleetKeys::go_on_without_file() {
  usable_ = false;
  return fmt::format(
      "The secret for server keys (`ntskeysecret`) in {} could not be opened, {}; the log says why.", path_,
      what_goes_on());
}

std::expected<void, std::string> FleetKeys::use(int file, base::RealTime now) {
  usable_ = false;
  auto text = base::read_to_end(file, protocol::max_secret_file);
  if (!text) {
    auto said = fmt::format("Could not read the secret for server keys (`ntskeysecret`) in {}: {}", path_,
                            base::to_string(text.error()));
    log_.write(base::LogEvent::key_secret_unreadable, said,
               {{base::LogField::directive, "ntskeysecret"}, {base::LogField::os_error, text.error().code}});
    return std::unexpected(said + ".");
  }
  auto secrets = protocol::parse_key_secrets(*text);
  explicit_bzero(text->data(), text->size());
  if (!secrets) {
    auto said = fmt::format(
        "The file {} of `ntskeysecret` is rejected ({}): create one with `openssl rand "
        "-hex 32`, the same for every server; until then {}",
        path_, secrets.error(), what_goes_on());
    log_.write(base::LogEvent::key_secret_refused, said,
               {{base::LogField::directive, "ntskeysecret"}, {base::LogField::reason, secrets.error()}});
    return std::unexpected(said + ".");
  }
  usable_ = true;
  const bool same = *secrets == secrets_;
  secrets_ = std::move(*secrets);
  derive(protocol::period_at(now, rotation_));
  if (!same)
    log_.write(base::LogEvent::key_secret_used,
               fmt::format("Server keys follow from {} secret{}; a new key every {} s, this one since {} s; "
                           "fingerprint{} {}",
                           secrets_.size(), secrets_.size() == 1 ? "" : "s, of which the first seals cookies",
                           rotation_.count(),
                           std::chrono::floor<std::chrono::seconds>(
                               now - protocol::begin_of_period(period_, rotation_))
                               .count(),
                           secrets_.size() == 1 ? "" : "s", fingerprints(secrets_)),
               {{base::LogField::count, secrets_.size()}});
  return {};
}

void FleetKeys::derive(std::int64_t period) {
  period_ = period;
  std::vector<protocol::KeySet> keys;  // the old ones are wiped as they go
  keys.reserve(secrets_.size());
  for (const auto& secret : secrets_) keys.push_back(secret.keys(rotation_, period));
  keys_ = std::move(keys);
}

bool FleetKeys::update(base::RealTime now) {
  const auto period = protocol::period_at(now, rotation_);
  if (secrets_.empty() || period == period_) return false;
  const bool next = period == period_ + 1;
  derive(period);
  if (next)
    log_.write(base::LogEvent::server_keys_rotated, "Rotated the server keys");
  else
    log_.write(
        base::LogEvent::server_keys_other_period,
        "The clock was set to another period of `ntsrotate`: the server keys are those of that period");
  return true;
}

base::RealTime FleetKeys::next_change() const {
  return secrets_.empty() ? base::RealTime::max() : protocol::begin_of_period(period_ + 1, rotation_);
}

}  // namespace gnomon::core
