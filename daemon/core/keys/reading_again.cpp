// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/keys/reading_again.hpp"

#include <initializer_list>
#include <utility>

namespace gnomon::core {

namespace {

constexpr auto certificates_silent =
    "The processes that read the certificates have not said whether they can use them; the log says why.";
constexpr auto keys_silent = "The keyfile has not been read yet; the log says why.";
constexpr auto secret_silent = "The file of ntskeysecret has not been read yet; the log says why.";

// One after the other, those that say something.
std::string together(std::initializer_list<std::string> sentences) {
  std::string all;
  for (const auto& each : sentences) all += (all.empty() || each.empty() ? "" : " ") + each;
  return all;
}

}  // namespace

void ReadingAgain::await(Awaited awaited, Done done) {
  if (!awaited.certificates && !awaited.symmetric_keys && !awaited.key_secret) return done({});
  const auto known = [](bool is_awaited) {
    return is_awaited ? std::nullopt : std::optional<std::string>{""};
  };
  const auto id = next_++;
  waiting_.try_emplace(id, known(awaited.certificates), known(awaited.symmetric_keys),
                       known(awaited.key_secret), std::move(done));
  tasks_.spawn("certificates and keys read again", give_up(id));
}

void ReadingAgain::take(std::optional<std::string> Waiting::* which, const std::string& wrong) {
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    auto& waiting = at->second;
    if (!(waiting.*which)) waiting.*which = wrong;
    if (!waiting.certificates || !waiting.symmetric_keys || !waiting.key_secret) {
      ++at;
      continue;
    }
    const auto ended = std::move(waiting);
    at = waiting_.erase(at);
    ended.done(together({*ended.certificates, *ended.symmetric_keys, *ended.key_secret}));
  }
}

// By id: it may be over by then.
asio::awaitable<void> ReadingAgain::give_up(std::uint32_t id) {
  co_await async::pause_for(tasks_.loop(), limit_);
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) co_return;
  const auto ended = std::move(found->second);
  waiting_.erase(found);
  ended.done(
      together({ended.certificates.value_or(certificates_silent), ended.symmetric_keys.value_or(keys_silent),
                ended.key_secret.value_or(secret_silent)}));
}

}  // namespace gnomon::core
