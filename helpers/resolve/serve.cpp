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

Progress complain(base::Log& log, const std::string& why) {
  log.write(base::LogEvent::channel_broken, "Closing the channel to the core: " + why,
            {{base::LogField::reason, why}});
  return Progress::broken;
}

Progress give_up(base::Log& log, const base::OsError& error) {
  return is_gone(error) ? Progress::closed : complain(log, base::to_string(error));
}

}  // namespace

Progress answer_one(int channel, base::Log& log, FileWatch* watch) {
  std::array<std::uint8_t, ipc::max_frame_size> space{};
  const auto received = base::receive_datagram(channel, space);
  if (!received) return give_up(log, received.error());
  if (received->size == 0) return Progress::closed;
  if (received->descriptor) return complain(log, "a descriptor came along");
  const auto reply = answer(base::Bytes{space}.first(received->size), watch);
  if (!reply) return complain(log, "not a request");
  const auto sent = base::send_datagram(channel, *reply);
  return sent ? Progress::go_on : give_up(log, sent.error());
}

int serve(int channel, FileWatch& watch, base::Log& log) {
  auto progress = Progress::go_on;
  while (progress == Progress::go_on) progress = answer_one(channel, log, &watch);
  return progress == Progress::closed ? 0 : 1;
}

}  // namespace gnomon::resolve
