// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/cmdmon/server.hpp"

#include <array>
#include <optional>

#include "async/socket_watch.hpp"
#include "base/os/random.hpp"
#include "ipc/codec.hpp"

namespace gnomon::core::cmdmon {

namespace {

constexpr std::size_t remembered_clients = 256;  // of cmdratelimit
static_assert(ipc::longest_command == wire::longest_request);

base::RateLimiter limiter_for(const std::optional<config::RateLimit>& limit) {
  if (!limit) return {};
  return {*limit, remembered_clients, base::random_number<std::uint64_t>()};
}

// The addresses that chronyd takes for this machine's own.
bool is_localhost(const base::IpAddress& address) {
  static const auto ipv4 = base::parse_address("127.0.0.1");
  static const auto ipv6 = base::parse_address("::1");
  return address == ipv4 || address == ipv6;
}

}  // namespace

CommandServer::CommandServer(async::TaskGroup& tasks, std::vector<base::Fd> sockets, base::Fd relay,
                             const config::ControlSettings& settings, uid_t own, control::Reporter& reporter,
                             engine::ClientLog* clients)
    : tasks_(tasks),
      sockets_(std::move(sockets)),
      relay_(std::move(relay)),
      access_(settings.command_access),
      open_(settings.open_commands),
      limiter_(limiter_for(settings.command_rate_limit)),
      own_(own),
      reporter_(reporter),
      clients_(clients),
      memory_(reporter, [&tasks] { return tasks.now().mono; }),
      turns_(base::random_number<std::uint64_t>()) {
  // So that a reply comes from the address that was asked.
  for (const auto& socket : sockets_)
    if (base::address_family(socket.get()) != AF_UNIX)
      static_cast<void>(base::enable_packet_info(socket.get()));
}

void CommandServer::set_rate_limit(const std::optional<config::RateLimit>& limit) {
  limiter_ = limiter_for(limit);
}

void CommandServer::start() {
  for (const auto& socket : sockets_) tasks_.spawn("command socket", serve(socket));
  if (relay_) tasks_.spawn("command relay", serve_relay(std::move(relay_)));
}

asio::awaitable<void> CommandServer::serve(const base::Fd& socket) {
  async::SocketWatch watch{tasks_.io(), socket.get()};
  Datagram datagram;
  while (true) {
    const auto [error] = co_await watch.readable();
    if (error) co_return;
    // One, and the others have their turn. A simulator would give what is another socket's, too.
    if (datagram.receive(socket.get())) serve_one(socket.get(), datagram);
  }
}

void CommandServer::serve_one(int socket, Datagram& datagram) {
  if (!is_welcome(datagram)) return;
  const auto header = wire::read_header(datagram.octets());
  if (!header) return;
  ++hits_;
  const auto right = datagram.from_unix() ? Right::everything : Right::open_commands;
  if (!admits(datagram, right)) {
    ++drops_;
    return;
  }
  const auto made = answer_one(*header, datagram.octets(), right);
  datagram.reply(socket, made.reply);
  if (made.shut_down) reporter_.shut_down();
}

// Until the launcher ends, or says what it may not.
asio::awaitable<void> CommandServer::serve_relay(base::Fd end) {
  async::Channel channel{tasks_.io(), std::move(end), ipc::Link::commands, ipc::Sender::helper};
  while (true) {
    const auto received = co_await channel.receive();
    if (!received) co_return;
    const bool goes_on = co_await serve_relayed(channel, received->frame);
    if (!goes_on) co_return;
  }
}

// What is no request, or has no turn, gets an empty reply, so that the next can come.
asio::awaitable<bool> CommandServer::serve_relayed(async::Channel& channel, const ipc::Frame& frame) {
  const auto request = ipc::decode<ipc::CommandRequest>(frame);
  if (!request) co_return false;
  auto made = answer_relayed(*request);
  auto reply = ipc::encode(ipc::CommandReply{std::move(made.reply)}, frame.request_id);
  const bool sent = co_await channel.send(std::move(reply));
  if (made.shut_down) reporter_.shut_down();
  co_return sent;
}

// The socket's directory lets in root and operators alone; what comes with our own user is a role of ours.
Answer CommandServer::answer_relayed(const ipc::CommandRequest& request) {
  const auto header = wire::read_header(request.octets);
  if (!header) return {};
  ++hits_;
  const auto right = request.user == 0 || request.user != own_ ? Right::everything : Right::open_commands;
  if (right == Right::everything || turns_.take({}, tasks_.now().mono))
    return answer_one(*header, request.octets, right);
  ++drops_;
  return {};
}

bool CommandServer::is_welcome(const Datagram& datagram) const {
  if (datagram.from_unix()) return true;
  const auto client = datagram.client();
  return is_localhost(client) || access_.allows(client);
}

base::Admission CommandServer::admission_of(const Datagram& datagram, Right right, base::MonoTime now) {
  // Dropped at once: a reader that waits for the turn of one leaves all others waiting.
  if (right != Right::everything && !turns_.take(datagram.sender(), now)) return base::Admission::drop;
  const auto client = datagram.client();
  if (datagram.from_unix() || is_localhost(client)) return base::Admission::pass;
  return limiter_.admit(client, now, base::random_number<std::uint32_t>());
}

bool CommandServer::admits(const Datagram& datagram, Right right) {
  const auto now = tasks_.now().mono;
  const auto admission = admission_of(datagram, right, now);
  if (clients_ != nullptr && !datagram.from_unix())  // which has no address
    clients_->count(engine::Service::commands, datagram.client(), now, admission);
  return admission == base::Admission::pass;
}

Answer CommandServer::answer_one(const wire::Header& header, base::Bytes octets, Right right) {
  reporter_.reply_leaves();  // before what the command brings about
  Services services{reporter_, memory_};
  return answer(header, octets, right, open_, services);
}

}  // namespace gnomon::core::cmdmon
