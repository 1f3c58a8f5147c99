// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/server/server_worker.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "base/os/socket.hpp"
#include "base/os/timestamps.hpp"
#include "daemon/core/server/entropy_pool.hpp"
#include "protocol/ntp/packet.hpp"
#include "protocol/ntp/ptp_envelope.hpp"

namespace gnomon::core {

namespace {

constexpr unsigned batch_size = 32;  // more gains nothing, measured
// After that nothing of what an answer takes is in the caches, and it takes several times as long.
constexpr auto pause = std::chrono::microseconds{200};

// Where the kernel would choose it, an answer has to name the address that it leaves from.
bool has_address(int socket) {
  const auto local = base::local_endpoint(socket);
  return local && local->address.is_specified() && !local->address.is_any();
}

void require(const base::OsResult<void>& done) {
  if (!done) throw std::system_error{done.error().code, std::generic_category(), done.error().call};
}

void add(std::atomic<std::uint64_t>& counter, std::uint64_t count = 1) {
  counter.store(counter.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
}

struct CardArrival {
  base::RealTime time;
  base::Seconds on_wire{};
};

// When the network card saw it, as our clock's time; nullopt: it did not, or its clock is not known.
std::optional<CardArrival> card_arrival(const engine::ServerSnapshot& snapshot, const base::Arrival& arrival,
                                        std::size_t size, const base::IpAddress& client,
                                        base::RealTime around) {
  if (!arrival.hardware || !snapshot.nics) return std::nullopt;
  const engine::ArrivedPacket packet{.payload = size,
                                     .ipv6 = client.family == base::AddressFamily::ipv6,
                                     .layer2_length = arrival.layer2_length};
  const auto card = arrival.card != 0 ? arrival.card : arrival.interface;
  const auto time = snapshot.nics->arrival(card, *arrival.hardware, packet, around);
  if (!time) return std::nullopt;
  return CardArrival{*time, snapshot.nics->duration(card, packet)};
}

using Datagram = std::array<std::uint8_t, protocol::max_datagram_size>;

// Of one datagram on its way in and of its answer on its way out.
struct Octets {
  std::array<std::uint8_t, protocol::max_datagram_size + protocol::ptp_envelope_size> request;
  Datagram answer;
};

// What goes with them.
struct Slot {
  std::array<std::uint8_t, protocol::ptp_envelope_size> envelope;
  base::SocketAddress client;
  base::ControlBuffer control;
  iovec request_vector;
  std::array<iovec, 2> answer_vectors;
};

}  // namespace

struct ServerWorker::Batch {
  // Not written to before they are needed: a server that never had a full batch has no memory for one.
  std::unique_ptr<std::array<Octets, batch_size>> octets =
      std::make_unique_for_overwrite<std::array<Octets, batch_size>>();
  std::array<Slot, batch_size> slots{};
  std::array<mmsghdr, batch_size> incoming{};
  std::array<mmsghdr, batch_size> outgoing{};
  std::array<std::optional<base::NtpTimestamp>, batch_size> interleaved{};  // of outgoing
  unsigned answers = 0;
  unsigned used = batch_size;  // of incoming
  base::Now now;               // read for the group that is being served
  base::RealTime latest;       // transmit timestamp until then
  EntropyPool entropy;

  [[nodiscard]] RequestGroup requests(unsigned first, unsigned count) const {
    RequestGroup group;
    for (unsigned i = first; i < first + count; ++i)
      ++(incoming.at(i).msg_len > protocol::header_size ? group.longer : group.plain);
    return group;
  }

  // The kernel has overwritten the lengths of those it used.
  void prepare() {
    for (unsigned i = 0; i < used; ++i) {
      auto& slot = slots.at(i);
      auto& header = incoming.at(i).msg_hdr;
      auto& request = octets->at(i).request;
      slot.request_vector = {request.data(), request.size()};
      header = {};
      header.msg_name = slot.client.get();
      header.msg_namelen = sizeof slot.client.storage;
      header.msg_iov = &slot.request_vector;
      header.msg_iovlen = 1;
      header.msg_control = slot.control.octets.data();
      header.msg_controllen = slot.control.octets.size();
    }
  }
};

ServerWorker::ServerWorker(base::Fd socket, const WorkerSettings& settings)
    : clock_(settings.clock),
      socket_(std::move(socket)),
      family_(base::address_family(socket_.get())),
      memory_(settings.memory),
      own_requests_(settings.own_requests),
      signing_(settings.signing),
      hardware_(settings.hardware),
      ptp_domain_(settings.ptp_domain),
      batch_(std::make_unique<Batch>()) {
  // Of a card the timestamps are told by the interface.
  if (!has_address(socket_.get()) || hardware_ == base::Hardware::yes)
    require(base::enable_packet_info(socket_.get()));
  // Without kernel timestamps the time of reading has to do.
  const auto kind = memory_.answers != nullptr ? base::TimestampKind::receive_and_wished_transmit
                                               : base::TimestampKind::receive;
  [[maybe_unused]] const auto stamped = base::enable_timestamps(socket_.get(), kind, hardware_);
  if (memory_.answers != nullptr)
    tx_timestamps_.emplace(socket_.get(), *memory_.answers, settings.tx_buffers, hardware_);
}

ServerWorker::~ServerWorker() = default;

void ServerWorker::publish(std::shared_ptr<const engine::ServerSnapshot> snapshot) {
  const std::lock_guard lock{mutex_};
  current_.swap(snapshot);
}

std::shared_ptr<const engine::ServerSnapshot> ServerWorker::snapshot() const {
  const std::lock_guard lock{mutex_};
  return current_;
}

base::OsResult<void> ServerWorker::run(int stop) {
  std::array<pollfd, 2> waiting{{{socket_.get(), POLLIN, 0}, {stop, POLLIN, 0}}};
  while (true) {
    const int ready = poll(waiting.data(), waiting.size(), -1);
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return std::unexpected(base::last_error("poll"));
    if (waiting[1].revents != 0) return {};
    if ((waiting[0].revents & POLLNVAL) != 0) return std::unexpected(base::OsError{"poll", EBADF});
    // Left in the queue it would wake us again at once.
    if ((waiting[0].revents & POLLERR) != 0) collect_tx_timestamps();
    serve_pending();
  }
}

// Under load the next batch is there already; a bound on the rounds keeps the stop event heard.
void ServerWorker::serve_pending() {
  if (tx_timestamps_ && tx_timestamps_->awaits_any()) collect_tx_timestamps();
  for (int rounds = 0; rounds < 16; ++rounds)
    if (serve_batch() < batch_size) return;
}

unsigned ServerWorker::serve_batch() {
  batch_->prepare();
  const int count = recvmmsg(socket_.get(), batch_->incoming.data(), batch_size, MSG_DONTWAIT, nullptr);
  if (count <= 0) return 0;
  const auto current = snapshot();
  const auto received = static_cast<unsigned>(count);
  batch_->used = received;
  if (!current) return received;
  const auto before = batch_->now.mono;
  batch_->now = clock_.now();
  batch_->latest = base::RealTime::min();
  unsigned served = 0;
  if (batch_->now.mono - before > pause) serve_group(*current, served++, 1, after_pause_);
  if (served < received) serve_group(*current, served, received - served, at_work_);
  if (tx_timestamps_ && tx_timestamps_->awaits_any()) collect_tx_timestamps();
  batch_->entropy.refill_in_time();
  return received;
}

// From batch_->now on, which is when it is done afterwards.
void ServerWorker::serve_group(const engine::ServerSnapshot& snapshot, unsigned first, unsigned count,
                               TransmitForecast& forecast) {
  batch_->answers = 0;
  forecast.begin(batch_->now, batch_->requests(first, count));
  for (unsigned i = first; i < first + count; ++i) {
    batch_->latest = std::max(batch_->latest, forecast.transmit(batch_->answers));
    serve_one(snapshot, i, batch_->latest);
  }
  batch_->now = clock_.now();
  forecast.made(batch_->now);
  if (batch_->answers == 0) return;
  const auto begin = await_forecast(forecast);
  send_answers();
  batch_->now = clock_.now();
  forecast.sent(begin, batch_->now, batch_->answers);
}

// A client would take an answer that left before its transmit timestamp to have travelled back in time. It is
// a few microseconds once in a while, and fewer than the requests would have taken if they were what they
// look like. A clock that stands still, as simulators have it, does not hold us up.
base::Now ServerWorker::await_forecast(const TransmitForecast& forecast) const {
  constexpr int most_looks = 1000;
  auto now = batch_->now;
  for (int looks = 0; forecast.is_early(now) && looks < most_looks; ++looks) now = clock_.now();
  return now;
}

void ServerWorker::serve_one(const engine::ServerSnapshot& snapshot, unsigned index,
                             base::RealTime transmit) {
  auto& slot = batch_->slots.at(index);
  auto& octets = batch_->octets->at(index);
  auto& message = batch_->incoming.at(index);
  slot.client.size = message.msg_hdr.msg_namelen;
  const auto arrival = base::read_arrival(message.msg_hdr);
  const auto& now = batch_->now;
  const auto [client, port] = base::to_endpoint(slot.client);
  const auto by_card =
      card_arrival(snapshot, arrival, message.msg_len, client, arrival.time.value_or(now.real));
  add(by_card ? counters_.hardware_rx : arrival.time ? counters_.kernel_rx : counters_.daemon_rx);
  const bool whole = (message.msg_hdr.msg_flags & MSG_TRUNC) == 0;
  auto datagram = base::Bytes{octets.request}.first(whole ? message.msg_len : 0);
  std::optional<base::Seconds> network;
  if (ptp_domain_) {
    const auto opened = protocol::open_ptp_envelope(datagram, *ptp_domain_);
    if (!opened) return add(counters_.drops);
    datagram = opened->ntp;
    const bool measured =
        by_card && by_card->on_wire > base::Seconds{0} && opened->correction > base::Seconds{0};
    network = measured ? by_card->on_wire + opened->correction : base::Seconds{0};
  }
  const engine::Request request{
      .datagram = datagram,
      .client = client,
      .received = by_card ? by_card->time : arrival.time.value_or(now.real),
      .transmit = transmit,
      .mono = now.mono,
      .network = network,
      .port = port,
  };
  const auto answer = engine::respond(snapshot, memory_, request, batch_->entropy.next(), octets.answer);
  const bool limited = engine::limiter_of(snapshot, memory_) != nullptr;
  batch_->entropy.consume(std::max(answer.entropy, limited ? engine::dice_size : 0));
  add(counters_.hits);
  if (!engine::is_answer(answer.outcome)) add(counters_.drops);
  if (answer.outcome == engine::Outcome::authenticated) add(counters_.authenticated);
  if (answer.interleaved) add(counters_.interleaved);
  if (answer.size == 0) return;
  if (answer.outcome == engine::Outcome::to_be_signed && ptp_domain_)
    return;  // no domain member asks like that
  if (own_requests_ != nullptr && !own_requests_->may_answer(request.datagram, octets.answer)) return;
  if (answer.outcome == engine::Outcome::to_be_signed)
    return hand_to_signing(answer, octets.answer, slot.client, arrival);
  std::size_t parts = 0;
  if (ptp_domain_) {
    slot.envelope = protocol::ptp_envelope(base::Bytes{octets.answer}.first(answer.size), *ptp_domain_);
    slot.answer_vectors.at(parts++) = {slot.envelope.data(), slot.envelope.size()};
  }
  slot.answer_vectors.at(parts++) = {octets.answer.data(), answer.size};
  batch_->interleaved.at(batch_->answers) = answer.interleaved;
  auto& out = batch_->outgoing.at(batch_->answers++).msg_hdr;
  out = {};
  out.msg_name = slot.client.get();
  out.msg_namelen = slot.client.size;
  out.msg_iov = slot.answer_vectors.data();
  out.msg_iovlen = parts;
  base::answer_from(out, slot.control, arrival.local, arrival.interface, family_);
  if (answer.interleaved) base::request_tx_timestamp(out, slot.control, hardware_);
}

void ServerWorker::hand_to_signing(const engine::Answer& answer, base::Bytes octets,
                                   const base::SocketAddress& client, const base::Arrival& arrival) {
  if (signing_ == nullptr) return;
  UnsignedAnswer unsigned_answer{.socket = socket_.get(),
                                 .client = client,
                                 .local = arrival.local,
                                 .interface = arrival.interface,
                                 .account = answer.account};
  std::copy_n(octets.begin(), unsigned_answer.header.size(), unsigned_answer.header.begin());
  static_cast<void>(signing_->put(unsigned_answer));  // its client asks again
}

void ServerWorker::count_sent(unsigned first, unsigned count) {
  for (unsigned i = first; i < first + count; ++i) {
    const auto& interleaved = batch_->interleaved.at(i);
    if (interleaved && tx_timestamps_)
      tx_timestamps_->sent(*interleaved);
    else
      add(counters_.daemon_tx);
  }
}

void ServerWorker::collect_tx_timestamps() {
  if (!tx_timestamps_) return;
  const auto current = snapshot();
  const auto counts = tx_timestamps_->collect(current ? current->view.served : engine::ServedTime{},
                                              current ? current->nics.get() : nullptr);
  add(counters_.kernel_tx, counts.kernel - counts.hardware);
  add(counters_.hardware_tx, counts.hardware);
}

void ServerWorker::send_answers() {
  unsigned sent = 0;
  while (sent < batch_->answers) {
    const int count =
        sendmmsg(socket_.get(), &batch_->outgoing.at(sent), batch_->answers - sent, MSG_DONTWAIT);
    // The one that failed (no route, full buffer) is skipped; its client asks again.
    if (count < 0 && errno == EINTR) continue;
    const auto done = count <= 0 ? 0U : static_cast<unsigned>(count);
    count_sent(sent, done);
    if (done == 0 && tx_timestamps_ && batch_->interleaved.at(sent)) tx_timestamps_->not_sent();
    sent += std::max(done, 1U);
  }
}

}  // namespace gnomon::core
