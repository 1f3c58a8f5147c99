// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/server/ntp_server.hpp"

#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "base/os/random.hpp"

namespace gnomon::core {

namespace {

// What chrony's clientloglimit counts for one: here 96 for the client log, whose groups are not all full when
// some are, 16 for an answer and 8 for the rate limit.
constexpr std::uint64_t octets_per_client = 128;
constexpr std::size_t records_of(std::size_t clients) {
  return clients * 3 / 2;
}
static_assert(records_of(2) * engine::ClientLog::octets_per_record +
                  2 * (engine::TransmitMemory::octets_per_answer + sizeof(base::RateLimiter::Slot)) <=
              2 * octets_per_client);

base::Fd make_event() {
  base::Fd event{eventfd(0, EFD_CLOEXEC)};
  if (!event) throw std::system_error{errno, std::generic_category(), "eventfd"};
  return event;
}

void signal(const base::Fd& event) {
  const std::uint64_t one = 1;
  // An eventfd takes it unless it holds 2^64 - 2 already.
  while (::write(event.get(), &one, sizeof one) < 0 && errno == EINTR) continue;
}

std::size_t clients_in(std::uint64_t octets) {
  return std::clamp<std::size_t>(octets / octets_per_client, 64, std::size_t{1} << 22U);
}

void allow_broadcast(int socket, bool wanted) {
  const int value = wanted ? 1 : 0;
  static_cast<void>(setsockopt(socket, SOL_SOCKET, SO_BROADCAST, &value, sizeof value));
}

}  // namespace

NtpServer::NtpServer(std::vector<base::Fd> sockets, const config::ServerSettings& settings,
                     const base::Clock& clock, ServerThreads threads, base::Hardware hardware,
                     std::vector<base::Fd> ptp_sockets)
    : settings_(settings),
      clock_(clock),
      access_(settings.access),
      started_(sockets.size() + ptp_sockets.size()),
      hardware_(hardware) {
  const auto clients = clients_in(settings.client_log_limit);
  if (!settings.no_client_log) client_log_.emplace(records_of(clients), base::random_number<std::uint64_t>());
  if (!settings.signd_socket.empty() && !sockets.empty()) signing_.emplace();
  for (const auto& socket : sockets) allow_broadcast(socket.get(), !settings.broadcasts.empty());
  for (auto& socket : sockets)
    workers_.emplace_back().worker = std::make_unique<ServerWorker>(std::move(socket), worker_settings());
  if (!workers_.empty()) side_.emplace(worker_settings());
  auto over_ptp = worker_settings();
  over_ptp.ptp_domain = static_cast<std::uint8_t>(settings.ptp_domain);
  for (auto& socket : ptp_sockets)
    workers_.emplace_back().worker = std::make_unique<ServerWorker>(std::move(socket), over_ptp);
  if (threads == ServerThreads::one_each) start_threads();
}

// What the workers share is made for the first of them.
WorkerSettings NtpServer::worker_settings() {
  const auto clients = clients_in(settings_.client_log_limit);
  // One answer for each client: those that do not interleave leave room for the others.
  if (!settings_.no_client_log && !memory_) memory_.emplace(clients);
  if (!settings_.no_client_log && settings_.rate_limit && !limiter_)
    limiter_.emplace(*settings_.rate_limit, clients, base::random_number<std::uint64_t>());
  return {.clock = clock_,
          .memory = {.limiter = limiter_ ? &*limiter_ : nullptr,
                     .answers = memory_ ? &*memory_ : nullptr,
                     .clients = client_log()},
          .own_requests = &own_requests_,
          .signing = signing(),
          .tx_buffers = settings_.max_tx_buffers > 0 ? static_cast<std::size_t>(settings_.max_tx_buffers)
                                                     : TxTimestamps::usual_room,
          .hardware = hardware_};
}

// Where there are broadcasts, there have been sockets from the start: a new one has nothing to be allowed.
ServerWorker& NtpServer::add(base::Fd socket) {
  if (!settings_.signd_socket.empty() && !signing_) signing_.emplace();
  if (!side_) side_.emplace(worker_settings());
  auto& seat = workers_.emplace_back();
  seat.worker = std::make_unique<ServerWorker>(std::move(socket), worker_settings());
  return *seat.worker;
}

void NtpServer::start_threads() {
  stop_ = make_event();
  failed_ = make_event();
  for (std::size_t i = 0; i < workers_.size(); ++i)
    threads_.emplace_back([this, i] {
      pthread_setname_np(pthread_self(), ("ntp-" + std::to_string(i)).c_str());
      started_.count_down();
      opened_.wait();
      const auto ended = workers_[i].worker->run(stop_.get());
      if (ended) return;
      failure_ = ended.error().code;
      signal(failed_);
    });
  started_.wait();
}

NtpServer::~NtpServer() {
  close();
}

void NtpServer::open() {
  if (!open_) opened_.count_down();
  open_ = true;
}

void NtpServer::close() {
  if (threads_.empty()) return;
  signal(stop_);
  open();
  threads_.clear();
}

std::vector<ServerWorker*> NtpServer::workers() const {
  std::vector<ServerWorker*> workers;
  workers.reserve(workers_.size());
  for (const auto& seat : workers_) workers.push_back(seat.worker.get());
  return workers;
}

void NtpServer::set_keys(std::span<const protocol::KeySet> keys) {
  const auto sealer = [keys] {
    return keys.empty() ? nullptr : std::make_shared<const protocol::CookieSealer>(keys);
  };
  for (auto& seat : workers_) seat.sealer = sealer();
  if (side_) side_sealer_ = sealer();
}

void NtpServer::set_rate_limit(const std::optional<base::RateLimit>& limit) {
  if (settings_.no_client_log) return;
  settings_.rate_limit = limit;
  later_limiter_ = limit ? std::make_shared<base::RateLimiter>(*limit, clients_in(settings_.client_log_limit),
                                                               base::random_number<std::uint64_t>())
                         : std::make_shared<base::RateLimiter>();
}

engine::ServerSnapshot NtpServer::snapshot(const engine::ServerView& view,
                                           std::shared_ptr<const protocol::CookieSealer> sealer) const {
  return {.view = view,
          .access = access_,
          .sealer = std::move(sealer),
          .keys = symmetric_keys_,
          .nics = nics_,
          .limiter = later_limiter_,
          .signs = signing_.has_value()};
}

void NtpServer::publish(const engine::ServerView& view) {
  for (auto& seat : workers_)
    seat.worker->publish(std::make_shared<const engine::ServerSnapshot>(snapshot(view, seat.sealer)));
  if (side_) side_->publish(snapshot(view, side_sealer_));
}

std::size_t NtpServer::answer(base::Bytes request, const base::IpAddress& client, base::RealTime received,
                              base::MutableBytes out) {
  return side_ ? side_->answer(request, client, received, out) : 0;
}

ServerTotals NtpServer::totals() const {
  ServerTotals totals;
  for (const auto& seat : workers_) totals.add(seat.worker->counters());
  if (side_) totals.add(side_->counters());
  if (memory_) totals.timestamps = memory_->extent();
  if (client_log_) totals.log_drops = client_log_->drops();
  return totals;
}

std::vector<ServerTotals> NtpServer::totals_of_threads() const {
  std::vector<ServerTotals> totals(threads_.size());
  for (std::size_t i = 0; i < totals.size(); ++i) totals[i].add(workers_.at(i).worker->counters());
  return totals;
}

std::optional<ServerTotals> NtpServer::totals_of_loop() const {
  if (!side_ && workers_.size() == threads_.size()) return std::nullopt;
  ServerTotals totals;
  for (std::size_t i = threads_.size(); i < workers_.size(); ++i) totals.add(workers_[i].worker->counters());
  if (side_) totals.add(side_->counters());
  return totals;
}

std::optional<base::OsError> NtpServer::failure() const {
  const int code = failure_;
  return code != 0 ? std::optional{base::OsError{"poll", code}} : std::nullopt;
}

void NtpServer::clock_was_set() {
  if (memory_) memory_->clear();
}

}  // namespace gnomon::core
