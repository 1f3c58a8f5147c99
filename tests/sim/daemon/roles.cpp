// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/daemon/roles.hpp"

#include <stdexcept>
#include <system_error>
#include <utility>

#include "base/os/channel.hpp"
#include "daemon/launcher/roles/role_setups.hpp"
#include "helpers/clock/first_time.hpp"
#include "helpers/refclock/serve.hpp"
#include "helpers/resolve/serve.hpp"

namespace gnomon::sim {

namespace {

using asio::experimental::awaitable_operators::operator||;  // NOLINT(misc-unused-using-decls): is used

// A role that fails ends the program: in a simulation nobody starts it again.
template <class Task>
void start(asio::io_context& io, Task task) {
  asio::co_spawn(io, std::move(task), [](const std::exception_ptr& problem, auto&&...) {
    if (problem) std::rethrow_exception(problem);
  });
}

void warn(base::Log& log, base::LogEvent event, const std::vector<std::string>& warnings) {
  for (const auto& warning : warnings) log.write(event, warning);
}

}  // namespace

Roles::Roles(async::Loop& loop, const config::CommandLine& options, const config::Config& config,
             std::vector<base::Fd> ke_listeners, std::vector<base::Fd> sample_sockets,
             std::vector<base::Fd> metrics_listeners, ipc::CoreSetup& setup, base::Log& log)
    : loop_(loop), io_(loop.io()), log_(log) {
  if (launcher::steers_clock(options) || launcher::tracks_rtc(config, options))
    start_clock(options, config, setup.clock_fd);
  start_resolver(setup.resolve_fd);
  if (launcher::needs_ke_client(config)) start_ke_client(config, setup.ke_client_fd);
  if (launcher::needs_refclock(config)) start_refclocks(config, std::move(sample_sockets), setup.refclock_fd);
  if (!metrics_listeners.empty()) start_metrics(std::move(metrics_listeners), setup.metrics_fd);
  if (!ke_listeners.empty()) start_ke_server(config, std::move(ke_listeners), setup);
}

base::Fd Roles::connect(int& core_end) {
  auto channel = base::make_channel();
  if (!channel) throw std::system_error{channel.error().code, std::generic_category(), channel.error().call};
  core_end = channel->ours.release();
  return std::move(channel->theirs);
}

void Roles::start_clock(const config::CommandLine& options, const config::Config& config, int& core_end) {
  rtc_parts_ = launcher::open_rtc(config, options, log_);
  if (rtc_parts_.device) rtc_device_.emplace(rtc_parts_.device.get());
  const auto rtc = launcher::rtc_setup(config, rtc_parts_, rtc_parts_.device.get());
  const bool may_adjust = launcher::steers_clock(options) && clock::probe_permission(kernel_);
  const auto first_time = launcher::first_time(config, options, rtc_parts_);
  if (first_time.wanted && may_adjust)
    clock::set_first_time(first_time, rtc, rtc_device_ ? &*rtc_device_ : nullptr, nullptr, kernel_, log_);
  if (rtc_device_ && rtc.tracked) rtc_.emplace(*rtc_device_, rtc.on_utc);
  if (may_adjust) clock::take_over(kernel_, log_);
  clock_.emplace(kernel_, log_, launcher::clock_budget_of(config, options), may_adjust, nullptr,
                 rtc_ ? &*rtc_ : nullptr);
  start(io_, serve_clock(connect(core_end)));
}

std::optional<ipc::ClockReading> Roles::read_clock() {
  if (!clock_) return std::nullopt;
  base::Buffer reply(ipc::max_frame_size);
  const auto size = clock_->handle(ipc::encode(ipc::ReadClock{}, 1), reply);
  const auto frame = ipc::parse_frame(base::Bytes{reply}.first(size));
  if (frame)
    if (const auto reading = ipc::decode<ipc::ClockReading>(*frame)) return *reading;
  throw std::runtime_error{"the clock cannot be read"};
}

asio::awaitable<void> Roles::serve_clock(base::Fd channel) {
  const clock::Session session{channel.get(), *clock_, log_};
  asio::posix::stream_descriptor descriptor{io_, channel.release()};
  asio::posix::stream_descriptor rtc{io_};
  if (rtc_) rtc.assign(rtc_parts_.device.release());
  async::Timer timer{loop_};
  constexpr auto readable = asio::posix::descriptor_base::wait_read;
  auto progress = clock::Progress::go_on;
  while (progress == clock::Progress::go_on) {
    timer.expires_at(clock_->due().value_or(base::MonoTime::max()));
    std::size_t first = 0;
    if (clock_->rtc_descriptor() < 0)
      first = (co_await (descriptor.async_wait(readable, tok) || timer.wait())).index();
    else
      first =
          (co_await (descriptor.async_wait(readable, tok) || timer.wait() || rtc.async_wait(readable, tok)))
              .index();
    if (first == 0) progress = clock::answer_one(session);
    if (first == 1) progress = clock::on_time(session);
    if (first == 2) progress = clock::on_rtc(session);
  }
  clock_->leave();
}

void Roles::start_resolver(int& core_end) {
  start(io_, serve_names(connect(core_end)));
}

asio::awaitable<void> Roles::serve_names(base::Fd channel) {
  asio::posix::stream_descriptor descriptor{io_, channel.release()};
  auto progress = resolve::Progress::go_on;
  while (progress == resolve::Progress::go_on) {
    co_await descriptor.async_wait(asio::posix::descriptor_base::wait_read, tok);
    progress = resolve::answer_one(descriptor.native_handle(), log_);
  }
}

void Roles::start_ke_client(const config::Config& config, int& core_end) {
  const auto setup = launcher::ke_client_setup(config, {});
  std::vector<std::string> warnings;
  auto trust = ntske::TrustStore::load(setup, warnings);
  warn(log_, base::LogEvent::trust_incomplete, warnings);
  ke_client_.emplace(loop_, connect(core_end), setup, std::move(trust));
  start(io_, ke_client_->run());
}

void Roles::start_ke_server(const config::Config& config, std::vector<base::Fd> listeners,
                            ipc::CoreSetup& setup) {
  auto ke = launcher::ke_server_setup(config, {}, listeners.size());
  ntske::set_verification_time(loop_.now().real);
  auto certificates = ntske::ServerCertificates::load(ke.certificates);
  if (!certificates) throw std::runtime_error{"the NTS-KE server cannot start: " + certificates.error()};
  for (std::size_t i = 0; i < listeners.size(); ++i) ke.listeners.at(i) = listeners.at(i).release();
  ke_server_.emplace(loop_, connect(setup.ke_server_fds.emplace_back()), ke, std::move(*certificates), log_);
  start(io_, ke_server_->run());
}

void Roles::start_refclocks(const config::Config& config, std::vector<base::Fd> sockets, int& core_end) {
  std::vector<int> descriptors;
  for (auto& socket : sockets) descriptors.push_back(socket.release());
  refclocks_.emplace(launcher::refclock_setup(config, {}, std::move(descriptors)), log_);
  refclocks_->open(loop_.now().mono);
  refclock_channel_.emplace(io_, connect(core_end).release());
  start(io_, poll_refclocks());
  for (const int descriptor : refclocks_->descriptors()) start(io_, read_refclock(descriptor));
}

void Roles::start_metrics(std::vector<base::Fd> listeners, int& core_end) {
  ipc::MetricsSetup setup;
  for (auto& listener : listeners) setup.listeners.push_back(listener.release());
  metrics_.emplace(loop_, connect(core_end), setup);
  start(io_, metrics_->run());
}

// The core says nothing: what is readable is its end.
asio::awaitable<void> Roles::poll_refclocks() {
  async::Timer timer{loop_};
  bool there = true;
  while (there) {
    timer.expires_at(refclocks_->next_due());
    const auto first = co_await (
        refclock_channel_->async_wait(asio::posix::descriptor_base::wait_read, tok) || timer.wait());
    there = first.index() == 1 &&
            refclock::send(refclock_channel_->native_handle(), refclocks_->on_time(loop_.now().mono));
  }
}

asio::awaitable<void> Roles::read_refclock(int descriptor) {
  asio::posix::stream_descriptor readable{io_, descriptor};
  bool there = true;
  while (there) {
    const auto first =
        co_await (refclock_channel_->async_wait(asio::posix::descriptor_base::wait_read, tok) ||
                  readable.async_wait(asio::posix::descriptor_base::wait_read, tok));
    there = first.index() == 1 && refclock::send(refclock_channel_->native_handle(),
                                                 refclocks_->on_readable(descriptor, loop_.now().mono));
  }
  static_cast<void>(readable.release());  // the driver's
}

}  // namespace gnomon::sim
