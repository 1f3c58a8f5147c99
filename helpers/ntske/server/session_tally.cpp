// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/server/session_tally.hpp"

namespace gnomon::ntske {
namespace {

// Room is left for one entry of "many" for each way to end.
constexpr std::size_t most_clients =
    ipc::SessionsEnded::most - static_cast<std::size_t>(ipc::SessionEnd::internal) - 1;

}  // namespace

void SessionTally::add(const base::Endpoint& client, ipc::SessionEnd how) {
  Key key{.client = client.address, .how = how};
  if (ended_.size() >= most_clients && !ended_.contains(key)) key.client = {};
  auto& count = ended_[key];
  count.port = key.client.is_specified() ? client.port : std::uint16_t{0};
  ++count.count;
}

ipc::SessionsEnded SessionTally::take() {
  ipc::SessionsEnded message;
  for (const auto& [key, count] : ended_)
    message.sessions.push_back(
        {.client = {.address = key.client, .port = count.port}, .how = key.how, .count = count.count});
  ended_.clear();
  return message;
}

}  // namespace gnomon::ntske
