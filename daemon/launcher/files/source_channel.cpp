// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/source_channel.hpp"

#include <array>
#include <cerrno>
#include <optional>

#include "base/os/channel.hpp"
#include "ipc/codec.hpp"
#include "ipc/launcher_messages.hpp"

namespace gnomon::launcher {
namespace {

base::Buffer reply_of(const std::optional<FoundFile>& found, std::uint32_t request_id) {
  if (!found) return ipc::encode(ipc::SourcesEnd{}, request_id);
  return ipc::encode(ipc::SourcesOpened{.folder = found->folder,
                                        .error = static_cast<std::uint16_t>(found->error),
                                        .name = found->name,
                                        .reason = found->reason},
                     request_id);
}

}  // namespace

std::expected<SourceChannel::Asked, std::string> SourceChannel::answer() {
  std::array<std::uint8_t, ipc::max_frame_size> octets{};
  const auto datagram = base::receive_datagram(channel_.get(), octets);
  if (!datagram && datagram.error().code == EAGAIN) return Asked::nothing;
  if (!datagram || datagram->size == 0) {
    channel_.close();
    return Asked::nothing;
  }
  const auto frame = ipc::parse_frame(base::Bytes{octets}.first(datagram->size));
  const auto request = frame ? ipc::decode<ipc::OpenSources>(*frame) : std::unexpected(frame.error());
  if (!request || datagram->descriptor) {
    channel_.close();
    return std::unexpected("a forbidden request about source files");
  }
  if (request->first) folders_.look();
  const auto found = folders_.next();
  const auto sent =
      base::send_datagram(channel_.get(), reply_of(found, frame->request_id), found ? found->file.get() : -1);
  if (!sent) channel_.close();
  if (!sent && sent.error().code == EAGAIN)
    return std::unexpected("requests for source files whose replies it does not read");
  return request->first ? Asked::first : Asked::next;
}

}  // namespace gnomon::launcher
