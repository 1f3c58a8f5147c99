// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/links/ke_client.hpp"

#include <algorithm>
#include <utility>

namespace gnomon::core {

namespace {

// A session ends after 16 s at the latest, by the role's own deadline.
constexpr Timeout session_timeout{.reply = std::chrono::seconds{30}};

protocol::KeFailure internal(std::string detail) {
  return {.reason = protocol::KeFailureReason::internal, .detail = std::move(detail)};
}

std::string_view describe(RequestError error) {
  switch (error) {
    case RequestError::timeout:
      return "the NTS-KE process did not answer";
    case RequestError::not_understood:
      return "the NTS-KE process sent another answer";
    case RequestError::disconnected:
      break;
  }
  return "the NTS-KE process is not running";
}

}  // namespace

KeClient::KeClient(async::TaskGroup& tasks, RoleClient::Handlers handlers)
    : tasks_(tasks), role_(tasks, ipc::Link::ke_client, std::move(handlers)) {}

asio::awaitable<std::expected<protocol::NtsSession, protocol::KeFailure>> KeClient::establish(
    engine::Establish wanted) {
  const auto now = tasks_.now().real + wanted.clock_correction;
  const ipc::Establish request{.name = std::move(wanted.name),
                               .server = wanted.server,
                               .cert_set = wanted.cert_set,
                               .aeads = std::move(wanted.aeads),
                               .date_check = wanted.date_check,
                               .verification_time = std::max(now, wanted.earliest)};
  const auto reply = co_await role_.request(request, session_timeout);
  if (!reply) co_return std::unexpected(internal(std::string{describe(reply.error())}));
  const auto frame = reply->frame();
  if (frame.type == ipc::MessageType::established)
    if (auto established = ipc::decode<ipc::Established>(frame)) co_return std::move(established->session);
  if (frame.type == ipc::MessageType::establish_failed)
    if (auto failed = ipc::decode<ipc::EstablishFailed>(frame)) co_return std::unexpected(failed->failure);
  role_.disconnect("its answer could not be read");
  co_return std::unexpected(internal(std::string{describe(RequestError::not_understood)}));
}

}  // namespace gnomon::core
