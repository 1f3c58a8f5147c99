// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/command_relay.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "base/os/channel.hpp"
#include "ipc/codec.hpp"

namespace gnomon::launcher {
namespace {

using base::Fd;

// Octets of one, with room to see that it is too long, and who sent them.
struct Command {
  std::array<std::uint8_t, ipc::longest_command + 1> octets{};
  std::size_t size = 0;
  std::string path;  // that the sender is bound to; empty: none that leads back
  std::optional<uid_t> user;
};

// Who sent it, and descriptors that nobody has asked for.
std::optional<uid_t> read_ancillary(msghdr& header) {
  std::optional<uid_t> user;
  for (auto* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET) continue;
    if (part->cmsg_type == SCM_CREDENTIALS) {
      ucred sender{};
      std::memcpy(&sender, CMSG_DATA(part), sizeof sender);
      user = sender.uid;
    } else if (part->cmsg_type == SCM_RIGHTS) {
      for (std::size_t at = CMSG_LEN(0); at + sizeof(int) <= part->cmsg_len; at += sizeof(int)) {
        int descriptor = -1;
        std::memcpy(&descriptor, CMSG_DATA(part) + (at - CMSG_LEN(0)), sizeof descriptor);  // NOLINT
        const Fd closed{descriptor};
      }
    }
  }
  return user;
}

// An abstract name belongs to nobody, and a relative one begins where the sender is.
std::string path_of(const sockaddr_un& address, socklen_t size) {
  constexpr std::size_t start = offsetof(sockaddr_un, sun_path);
  if (size <= start || address.sun_path[0] != '/') return {};
  return {&address.sun_path[0], strnlen(&address.sun_path[0], size - start)};
}

std::optional<Command> receive(int socket) {
  std::optional<Command> command{std::in_place};
  sockaddr_un sender{};
  iovec vector{command->octets.data(), command->octets.size()};
  alignas(cmsghdr) std::array<std::uint8_t, 256> control{};
  msghdr header{};
  header.msg_name = &sender;
  header.msg_namelen = sizeof sender;
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  const auto received = recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (received < 0) return std::nullopt;
  command->size = static_cast<std::size_t>(received);
  command->user = read_ancillary(header);
  command->path = path_of(sender, header.msg_namelen);
  return command;
}

std::unexpected<std::string> forbidden_reply(const char* what) {
  return std::unexpected(fmt::format("{} where it owes chronyc a reply", what));
}

}  // namespace

// By its inode: what stands there when it is looked at is what gets it, no link is followed in its place, and
// we say nothing in our own name to a socket that the sender could not have made.
void send_to_socket_of(uid_t owner, const std::string& path, int from, base::Bytes octets) {
  const Fd entry{open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
  struct stat found{};
  if (!entry || fstat(entry.get(), &found) != 0) return;
  if (!S_ISSOCK(found.st_mode) || found.st_uid != owner) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  fmt::format_to_n(&address.sun_path[0], sizeof address.sun_path - 1, "/proc/self/fd/{}", entry.get());
  static_cast<void>(sendto(from, octets.data(), octets.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                           reinterpret_cast<const sockaddr*>(&address), sizeof address));  // NOLINT
}

void CommandRelay::close() {
  asker_.reset();
  socket_.close();
  channel_.close();
}

std::expected<void, std::string> CommandRelay::pass_on() {
  if (!asker_) {
    take_request();
    return {};
  }
  auto done = take_reply();
  if (!done) close();
  return done;
}

// What nobody could get a reply to, or is no request, is not worth the core's time.
void CommandRelay::take_request() {
  const auto command = receive(socket_.get());
  if (!command || command->size > ipc::longest_command || command->path.empty() || !command->user) return;
  const ipc::CommandRequest request{
      *command->user,
      {command->octets.begin(), command->octets.begin() + static_cast<std::ptrdiff_t>(command->size)}};
  // There is room in the channel, or the core has gone.
  if (!base::send_datagram(channel_.get(), ipc::encode(request, ++number_))) return close();
  asker_ = Asker{*command->user, command->path, command->size};
}

std::expected<void, std::string> CommandRelay::take_reply() {
  std::array<std::uint8_t, ipc::max_frame_size> buffer{};
  const auto datagram = base::receive_datagram(channel_.get(), buffer);
  if (!datagram && datagram.error().code == EAGAIN) return {};
  const bool gone = datagram ? datagram->size == 0 : datagram.error().code == ECONNRESET;
  if (gone) {
    close();
    return {};
  }
  const auto asker = std::exchange(asker_, std::nullopt).value();
  if (!datagram || datagram->descriptor) return forbidden_reply("something else than a message");
  const auto frame = ipc::parse_frame(base::Bytes{buffer}.first(datagram->size));
  if (!frame || frame->request_id != number_) return forbidden_reply("a forbidden message");
  const auto reply = ipc::decode<ipc::CommandReply>(*frame);
  if (!reply) return forbidden_reply("a message that cannot be read");
  if (reply->octets.size() > asker.octets) return forbidden_reply("a longer one than the request");
  if (!reply->octets.empty()) send_to_socket_of(asker.user, asker.path, socket_.get(), reply->octets);
  return {};
}

}  // namespace gnomon::launcher
