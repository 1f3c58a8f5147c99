// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/daemon/calls/channels.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/secret.hpp"

namespace gnomon::sim {

void Channels::open(int first, int second) {
  ends_[first].other = second;
  ends_[second].other = first;
}

void Channels::close(int end) {
  const auto at = ends_.find(end);
  if (at == ends_.end()) return;
  if (at->second.other >= 0) ends_.at(at->second.other).other = -1;
  ends_.erase(at);
}

bool Channels::readable(int end) const {
  const auto& it = ends_.at(end);
  return !it.waiting.empty() || it.other < 0;
}

ssize_t Channels::send(int end, std::span<const iovec> parts) {
  const int other = ends_.at(end).other;
  if (other < 0) return -EPIPE;
  base::Buffer datagram;
  for (const auto& part : parts) {
    const auto* const from = static_cast<const std::uint8_t*>(part.iov_base);
    datagram.insert(datagram.end(), from, from + part.iov_len);
  }
  const auto size = static_cast<ssize_t>(datagram.size());
  ends_.at(other).waiting.push_back(std::move(datagram));
  return size;
}

ssize_t Channels::receive(int end, std::span<const iovec> parts, int& flags) {
  auto& it = ends_.at(end);
  if (it.waiting.empty()) return it.other < 0 ? 0 : -EAGAIN;
  auto datagram = std::move(it.waiting.front());
  it.waiting.pop_front();
  base::Bytes left{datagram};
  for (const auto& part : parts) {
    const auto count = std::min(left.size(), part.iov_len);
    std::memcpy(part.iov_base, left.data(), count);
    left = left.subspan(count);
  }
  if (!left.empty()) flags |= MSG_TRUNC;
  const auto size = static_cast<ssize_t>(datagram.size() - left.size());
  base::wipe(datagram);
  return size;
}

}  // namespace gnomon::sim
