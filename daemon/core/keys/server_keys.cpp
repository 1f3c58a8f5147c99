// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/keys/server_keys.hpp"

#include <algorithm>

#include "async/every.hpp"

namespace gnomon::core {

namespace {

constexpr auto least_pause = std::chrono::milliseconds{1};

}  // namespace

ServerKeys::ServerKeys(const config::NtsSettings& settings, base::Fd secret, async::TaskGroup& tasks,
                       base::Log& log, std::function<void()> on_changed, KeyTiming timing)
    : tasks_(tasks), on_changed_(std::move(on_changed)), timer_(tasks.loop()), timing_(timing) {
  const auto now = tasks.now();
  if (settings.key_secret_file.empty()) {
    store_.emplace(KeyStoreSettings{.directory = settings.dump_dir, .rotation = settings.rotate}, log,
                   now.mono);
    return;
  }
  fleet_.emplace(std::chrono::floor<std::chrono::seconds>(settings.rotate), settings.key_secret_file, log);
  // The launcher has said what is wrong with the file, and opens it again when it changes.
  if (!secret)
    log.write(base::LogEvent::key_secret_missing,
              "Without its secret (`ntskeysecret`) this server has random keys: no other server can open its "
              "cookies");
  else
    static_cast<void>(fleet_->use(secret.get(), now.real));
}

void ServerKeys::start() {
  const auto pause = [this] { return std::max<base::Duration>(next_pause(), least_pause); };
  const auto renew = [this] {
    if (advance()) on_changed_();
  };
  tasks_.spawn("server keys", async::every(timer_, pause, renew));
}

std::span<const protocol::KeySet> ServerKeys::keys() const {
  return fleet_ ? fleet_->keys() : std::span{&store_->keys(), 1};
}

std::expected<void, std::string> ServerKeys::reload() {
  if (!store_ || !store_->managed_elsewhere()) return {};
  if (!store_->reload(tasks_.now().mono))
    return std::unexpected("The server keys could not be read; the old ones stay in use. The log says why.");
  on_changed_();
  return {};
}

std::expected<void, std::string> ServerKeys::use_secret(const base::Fd& file) {
  if (!fleet_) return {};
  if (!file) return std::unexpected(fleet_->go_on_without_file());
  auto used = fleet_->use(file.get(), tasks_.now().real);
  if (used) on_changed_();
  timer_.wake();
  return used;
}

void ServerKeys::on_clock_set() {
  if (fleet_ && fleet_->update(tasks_.now().real)) on_changed_();
  timer_.wake();  // the next change is another time away
}

void ServerKeys::save() {
  if (store_) store_->save(tasks_.now().mono);
}

// Whether the keys are others now.
bool ServerKeys::advance() {
  const auto now = tasks_.now();
  if (fleet_) return fleet_->update(now.real);
  if (store_->has_changed()) return store_->reload(now.mono);
  if (const auto due = store_->next_rotation(); due && *due <= now.mono) {
    store_->rotate(now.mono);
    return true;
  }
  return store_->is_unsaved() && store_->retry(now.mono);
}

base::Duration ServerKeys::next_pause() const {
  const auto now = tasks_.now();
  if (fleet_) {
    const auto next = fleet_->next_change();
    return next == base::RealTime::max() ? base::Duration::max() : next - now.real;
  }
  if (store_->managed_elsewhere()) return timing_.look;
  const auto rotation = store_->next_rotation().value_or(base::MonoTime::max()) - now.mono;
  return store_->is_unsaved() ? std::min(rotation, timing_.retry) : rotation;
}

}  // namespace gnomon::core
