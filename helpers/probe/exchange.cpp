// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/probe/exchange.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <utility>

#include "base/os/clocks.hpp"
#include "base/os/random.hpp"
#include "base/os/socket.hpp"
#include "base/os/timestamps.hpp"

namespace gnomon::probe {
namespace {

using ipc::ProbeAnswer;
using ipc::ProbeOutcome;

// Of a server that floods no more is read in one exchange.
constexpr unsigned most_datagrams = 1000;

ProbeEntropy fresh_entropy() {
  ProbeEntropy entropy{.transmit = base::random_number<std::uint64_t>() | 1U,
                       .receive = base::random_number<std::uint64_t>() | 1U};
  base::fill_random(entropy.identifier);
  base::fill_random(entropy.nonce);
  return entropy;
}

ProbeOutcome outcome_of(int error) {
  switch (error) {
    case ECONNREFUSED:
      return ProbeOutcome::refused;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EACCES:
    case EPERM:  // a filter of this machine
    case ETIMEDOUT:
    case EPROTO:
    case ENOPROTOOPT:
    case EADDRNOTAVAIL:
      return ProbeOutcome::unreachable;
    default:
      return ProbeOutcome::impossible;
  }
}

ProbeAnswer failed(int error, std::size_t size) {
  return {.outcome = error == 0 ? ProbeOutcome::impossible : outcome_of(error),
          .error = static_cast<std::uint32_t>(error),
          .sent_size = static_cast<std::uint16_t>(size)};
}

void count(std::uint16_t& counter) {
  if (counter < std::numeric_limits<std::uint16_t>::max()) ++counter;
}

// Whether something can be read before that.
bool wait_until(int socket, base::MonoTime end) {
  for (;;) {
    const auto left = std::max(base::Duration{}, end - base::read_now().mono);
    const auto whole = std::chrono::ceil<std::chrono::milliseconds>(left);
    pollfd one{socket, POLLIN, 0};
    const int ready = poll(&one, 1, static_cast<int>(whole.count()));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

struct Received {
  ssize_t size = -1;  // -1: errno
  base::RealTime time;
};

Received receive(int socket, base::MutableBytes into) {
  iovec payload{into.data(), into.size()};
  base::ControlBuffer control;
  msghdr header{};
  header.msg_iov = &payload;
  header.msg_iovlen = 1;
  header.msg_control = control.octets.data();
  header.msg_controllen = control.octets.size();
  Received received{recvmsg(socket, &header, MSG_DONTWAIT), {}};
  const auto now = base::read_now().real;
  received.time = received.size < 0 ? now : base::read_arrival(header).time.value_or(now);
  return received;
}

void note(const Judged& judged, std::size_t size, base::RealTime time, ProbeAnswer& answer) {
  switch (judged.kind) {
    case DatagramKind::malformed:
      return count(answer.malformed);
    case DatagramKind::of_another:
      return count(answer.of_others);
    case DatagramKind::unauthentic:
      return count(answer.unauthentic);
    case DatagramKind::answer:
    case DatagramKind::kiss:
      answer.header = as_seen(judged.header);
      break;
    case DatagramKind::nak:
      break;
  }
  answer.outcome = judged.kind == DatagramKind::answer ? ProbeOutcome::answered
                   : judged.kind == DatagramKind::kiss ? ProbeOutcome::kiss
                                                       : ProbeOutcome::nak;
  answer.received_size = static_cast<std::uint16_t>(size);
  answer.received = time;
  answer.interleaved = judged.interleaved;
  answer.cookies = judged.cookies;
}

bool connect_to(int socket, const base::Endpoint& server) {
  const auto address = base::to_socket_address(server);
  return connect(socket, address.get(), address.size) == 0;
}

int send_to(int socket, base::Bytes datagram) {
  // An error of what was sent before may be reported here, once.
  for (int attempt = 0; attempt < 2; ++attempt)
    if (send(socket, datagram.data(), datagram.size(), MSG_NOSIGNAL) >= 0) return 0;
  return errno;
}

}  // namespace

int Exchanger::socket_for(const ipc::ProbeExchange& wanted) {
  const bool ipv6 = wanted.server.address.family == base::AddressFamily::ipv6;
  const int family = ipv6 ? AF_INET6 : AF_INET;
  if (wanted.port == ipc::ProbePort::given) {
    const auto found = std::ranges::find_if(
        given_, [family](const base::Fd& each) { return base::address_family(each.get()) == family; });
    errno = 0;
    if (found == given_.end()) return -1;
    [[maybe_unused]] const auto stamped = base::enable_timestamps(found->get(), base::TimestampKind::receive);
    return connect_to(found->get(), wanted.server) ? found->get() : -1;
  }
  if (wanted.port == ipc::ProbePort::same && socket_) return socket_.get();
  socket_ = base::Fd{socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (!socket_) return -1;
  // Without them the clock is read when the packet is read.
  [[maybe_unused]] const auto stamped = base::enable_timestamps(socket_.get(), base::TimestampKind::receive);
  return connect_to(socket_.get(), wanted.server) ? socket_.get() : -1;
}

void Exchanger::await(int socket, const ProbeRequest& request, base::Duration wait, ProbeAnswer& answer) {
  const auto end = base::read_now().mono + wait;
  std::array<std::uint8_t, protocol::max_datagram_size> datagram;
  for (unsigned read = 0; read < most_datagrams && wait_until(socket, end); ++read) {
    const auto [size, time] = receive(socket, datagram);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (size < 0) {
      answer.outcome = outcome_of(errno);
      answer.error = static_cast<std::uint32_t>(errno);
      return;
    }
    const auto octets = base::Bytes{datagram}.first(static_cast<std::size_t>(size));
    note(prober_.judge(octets, request), octets.size(), time, answer);
    if (answer.outcome != ProbeOutcome::silent) return;
  }
}

ProbeAnswer Exchanger::exchange(const ipc::ProbeExchange& wanted) {
  const int socket = socket_for(wanted);
  if (socket < 0) return failed(errno, 0);
  const auto request = prober_.make(wanted, fresh_entropy());
  if (!request) return failed(0, 0);
  ProbeAnswer answer{.outcome = ProbeOutcome::silent,
                     .sent_size = static_cast<std::uint16_t>(request->datagram.size()),
                     .sent = base::read_now().real};
  if (const int error = send_to(socket, request->datagram); error != 0)
    return failed(error, request->datagram.size());
  await(socket, *request, wanted.wait, answer);
  return answer;
}

ipc::ProbeBurstAnswer Exchanger::burst(const ipc::ProbeBurst& wanted) {
  ipc::ProbeBurstAnswer result;
  const ipc::ProbeExchange one{.server = wanted.server};
  const int socket = socket_for(one);
  if (socket < 0) return result;
  std::vector<ProbeRequest> open;
  std::array<std::uint8_t, protocol::max_datagram_size> datagram;
  const auto collect = [&](base::MonoTime end) {
    for (unsigned read = 0; read < most_datagrams && !open.empty() && wait_until(socket, end); ++read) {
      const auto received = receive(socket, datagram);
      if (received.size < 0) return;
      const auto octets = base::Bytes{datagram}.first(static_cast<std::size_t>(received.size));
      std::erase_if(open, [&](const ProbeRequest& request) {
        const auto judged = prober_.judge(octets, request);
        if (judged.kind == DatagramKind::answer) ++result.answered;
        if (judged.kind == DatagramKind::kiss) {
          ++result.kisses;
          result.code = judged.header.reference_id;
        }
        return judged.kind == DatagramKind::answer || judged.kind == DatagramKind::kiss;
      });
    }
  };
  for (unsigned i = 0; i < wanted.count; ++i) {
    auto request = prober_.make(one, fresh_entropy());
    if (!request || send_to(socket, request->datagram) != 0) break;
    ++result.sent;
    open.push_back(std::move(*request));
    const auto next = base::read_now().mono + wanted.spacing;
    collect(next);
    // The pace stays the same when the answers are there already.
    while (open.empty() && base::read_now().mono < next) poll(nullptr, 0, 1);
  }
  collect(base::read_now().mono + wanted.wait);
  return result;
}

}  // namespace gnomon::probe
