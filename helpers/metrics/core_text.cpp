// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/metrics/core_text.hpp"

#include <algorithm>
#include <utility>

#include "ipc/codec.hpp"

namespace gnomon::metrics {

namespace {

// On the list for exactly as long as its coroutine waits.
class Waiting {
 public:
  Waiting(std::set<async::Timer*>& all, async::Timer& mine) : all_(all), mine_(&mine) { all_.insert(mine_); }
  ~Waiting() { all_.erase(mine_); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  std::set<async::Timer*>& all_;
  async::Timer* mine_;
};

}  // namespace

asio::awaitable<void> CoreText::ask(ipc::MetricsFormat format) {
  auto& kept = kept_.at(static_cast<std::size_t>(format));
  kept.asked = ++last_request_;
  kept.asked_at = loop_.now().mono;
  kept.arriving.clear();
  auto datagram = ipc::encode(ipc::ReadMetrics{format}, kept.asked);
  // One that is gone shows where its frames are received.
  [[maybe_unused]] const bool sent = co_await core_.send(std::move(datagram));
}

asio::awaitable<CoreText::Text> CoreText::text(ipc::MetricsFormat format) {
  auto& kept = kept_.at(static_cast<std::size_t>(format));
  if (kept.text && loop_.now().mono < kept.good_until) co_return kept.text;
  async::Timer timer{loop_, longest_wait};
  const Waiting waiting{kept.waiting, timer};
  if (kept.asked == 0) co_await ask(format);
  // It may have come while the request was on its way.
  if (kept.asked != 0) static_cast<void>(co_await timer.wait());
  co_return kept.asked == 0 ? kept.text : Text{};
}

bool CoreText::accept(const ipc::Frame& frame) {
  const auto kept = std::ranges::find_if(
      kept_, [&](const Kept& each) { return each.asked != 0 && each.asked == frame.request_id; });
  auto part = ipc::decode<ipc::MetricsPart>(frame);
  if (kept == kept_.end() || !part) return false;
  if (kept->arriving.size() + part->text.size() > ipc::most_metrics_octets) return false;
  kept->arriving += part->text;
  if (!part->last) return true;
  kept->text = std::make_shared<const std::string>(std::exchange(kept->arriving, {}));
  kept->asked = 0;
  kept->good_until = kept->asked_at + text_moment;
  for (auto* const timer : kept->waiting) timer->wake();
  return true;
}

}  // namespace gnomon::metrics
