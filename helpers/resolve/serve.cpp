// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/resolve/serve.hpp"

#include <array>
#include <cerrno>
#include <optional>

#include "base/os/channel.hpp"
#include "helpers/resolve/lookup.hpp"
#include "ipc/codec.hpp"

namespace gnomon::resolve {

namespace {

// nullopt: not a request.
std::optional<base::Buffer> answer(base::Bytes datagram, FileWatch* watch) {
  const auto frame = ipc::parse_frame(datagram);
  if (!frame || !ipc::is_legal(frame->type, ipc::Link::resolve, ipc::Sender::core)) return std::nullopt;
  const auto request = ipc::decode<ipc::Resolve>(*frame);
  if (!request) return std::nullopt;
  if (watch != nullptr) watch->begin_lookup();
  const auto found = look_up(*request);
  if (watch != nullptr) watch->end_lookup(found.has_value());
  if (!found) return ipc::encode(ipc::ResolveFailed{found.error()}, frame->request_id);
  return ipc::encode(*found, frame->request_id);
}

bool is_gone(const base::OsError& error) {
  return error.code == EPIPE || error.code == ECONNRESET;
}

// nullopt: none.
std::optional<Ending> ending_of(const base::OsResult<void>& done) {
  if (done) return std::nullopt;
  return is_gone(done.error()) ? Ending{} : Ending{base::to_string(done.error())};
}

}  // namespace

Progress Ending::report(base::Log& log) const {
  if (why.empty()) return Progress::closed;
  log.write(base::LogEvent::channel_broken, "Closing the channel to the core: " + why,
            {{base::LogField::reason, why}});
  return Progress::broken;
}

std::optional<Ending> answer_next(int channel, FileWatch* watch) {
  std::array<std::uint8_t, ipc::max_frame_size> space{};
  const auto received = base::receive_datagram(channel, space);
  if (!received) return ending_of(std::unexpected(received.error()));
  if (received->size == 0) return Ending{};
  if (received->descriptor) return Ending{"a descriptor came along"};
  const auto reply = answer(base::Bytes{space}.first(received->size), watch);
  if (!reply) return Ending{"not a request"};
  return ending_of(base::send_datagram(channel, *reply));
}

Progress answer_one(int channel, base::Log& log, FileWatch* watch) {
  const auto ending = answer_next(channel, watch);
  return ending ? ending->report(log) : Progress::go_on;
}

}  // namespace gnomon::resolve
