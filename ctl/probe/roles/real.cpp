// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/probe/roles/real.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "base/os/clocks.hpp"
#include "base/os/socket.hpp"
#include "ctl/probe/roles/helper.hpp"
#include "ctl/probe/roles/own_clock.hpp"
#include "ctl/probe/roles/user.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::ctl::probe {
namespace {

// SIGINT and SIGTERM as a descriptor; ignored by the helpers, which end with their channels.
class Interrupts {
 public:
  Interrupts() {
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGTERM);
    sigprocmask(SIG_BLOCK, &wanted, &before_);
    descriptor_ = base::Fd{signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK)};
  }
  // The signal is taken: what was interrupted is reported still.
  ~Interrupts() {
    signalfd_siginfo taken;
    while (read(descriptor_.get(), &taken, sizeof taken) > 0) continue;
    sigprocmask(SIG_SETMASK, &before_, nullptr);
  }
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  [[nodiscard]] int descriptor() const { return descriptor_.get(); }

 private:
  sigset_t before_{};
  base::Fd descriptor_;
};

struct GivenPort {
  base::Fd socket;
  std::uint32_t error = 0;
};

GivenPort bind_given(base::AddressFamily family, std::uint16_t port) {
  base::IpAddress any{.family = family};
  auto bound = base::bind_udp({any, port}, {.non_blocking = false});
  if (!bound) return {{}, static_cast<std::uint32_t>(bound.error().code)};
  return {std::move(*bound), 0};
}

class World {
 public:
  World(const Options& options, const Programs& programs, const Listener& listener)
      : ipv4_(bind_given(base::AddressFamily::ipv4, options.source_port)),
        ipv6_(bind_given(base::AddressFamily::ipv6, options.source_port)),
        identity_{.user = user_of_helpers()},
        resolver_(programs.resolve, ipc::to_arguments(ipc::ResolveSetup{identity_}), {}, ipc::Link::resolve),
        ntske_(programs.ntske, ke_words(options), {}, ipc::Link::ke_probe),
        ntp_(programs.probe, ntp_words(), given_descriptors(), ipc::Link::probe),
        listener_(listener),
        end_(base::read_now().mono + base::to_duration(options.timeout)) {}

  Context context() {
    return {
        .resolve = [this](const auto& name, auto family) { return resolve(name, family); },
        .inspect = [this](const auto& request) { return ntske_.ask<ipc::Inspected>(request, wait_); },
        .exchange = [this](const auto& request) { return ntp_.ask<ipc::ProbeAnswer>(request, wait_); },
        .burst = [this](const auto& request) { return ntp_.ask<ipc::ProbeBurstAnswer>(request, wait_); },
        .use_keys = [this](auto& session) { use_keys(session); },
        .pause =
            [this](base::Duration time) { static_cast<void>(wait_for(-1, base::read_now().mono + time)); },
        .ended = [this] { return ended(); },
        .now = base::read_now,
        .given_port_error =
            [this](base::AddressFamily family) {
              return family == base::AddressFamily::ipv6 ? ipv6_.error : ipv4_.error;
            },
        .own_clock = read_own_clock,
        .begin = listener_.begin,
        .tell = listener_.tell};
  }

 private:
  // Keys are not copied.
  void use_keys(protocol::NtsSession& session) {
    ipc::ProbeKeys keys{std::move(session)};
    ntp_.tell(keys);
    session = std::move(keys.session);
  }

  [[nodiscard]] std::vector<std::string> ke_words(const Options& options) const {
    ipc::KeClientSetup setup{.identity = identity_};
    if (!options.trusted.empty()) {
      setup.system_certificates = false;
      setup.trusted.push_back({0, options.trusted});
    }
    auto words = ipc::to_arguments(setup);
    words.insert(words.begin(), "probe");
    return words;
  }

  [[nodiscard]] std::vector<int> given_descriptors() const {
    std::vector<int> descriptors;
    for (const auto* given : {&ipv4_, &ipv6_})
      if (given->socket) descriptors.push_back(given->socket.get());
    return descriptors;
  }

  [[nodiscard]] std::vector<std::string> ntp_words() const {
    ipc::ProbeSetup setup{.identity = identity_};
    for (std::size_t i = 0; i < given_descriptors().size(); ++i)
      setup.sockets.push_back(ipc::role_channel_fd + 1 + static_cast<int>(i));
    return ipc::to_arguments(setup);
  }

  std::optional<Addresses> resolve(const std::string& name, base::AddressFamily family) {
    if (!resolver_.tell(ipc::Resolve{name, family})) return std::nullopt;
    const auto frame = resolver_.receive(wait_);
    if (!frame) return std::nullopt;
    if (auto resolved = ipc::decode<ipc::Resolved>(*frame)) return Addresses{std::move(resolved->addresses)};
    if (const auto failed = ipc::decode<ipc::ResolveFailed>(*frame)) return std::unexpected(failed->error);
    return std::nullopt;
  }

  // Whether the descriptor (-1: none) can be read before that; false also after an interrupt.
  bool wait_for(int descriptor, base::MonoTime until) {
    until = std::min(until, end_);
    while (!interrupted_) {
      const auto left = std::max(base::Duration{}, until - base::read_now().mono);
      pollfd both[] = {{interrupts_.descriptor(), POLLIN, 0}, {descriptor, POLLIN, 0}};
      const auto whole = std::chrono::ceil<std::chrono::milliseconds>(left).count();
      const int ready = poll(both, 2, static_cast<int>(std::min<std::int64_t>(whole, 3600'000)));
      if (ready < 0 && errno != EINTR) return false;
      if (ready <= 0 && left == base::Duration{}) return false;
      if (both[0].revents != 0) interrupted_ = true;
      if (ready > 0 && both[1].revents != 0) return !interrupted_;
    }
    return false;
  }

  Ended ended() {
    if (interrupted_) return Ended::interrupted;
    if (base::read_now().mono >= end_) return Ended::out_of_time;
    return resolver_.failed() || ntske_.failed() || ntp_.failed() ? Ended::no_helper : Ended::complete;
  }

  Interrupts interrupts_;
  bool interrupted_ = false;
  GivenPort ipv4_;
  GivenPort ipv6_;
  ipc::RoleIdentity identity_;
  Helper resolver_;
  Helper ntske_;
  Helper ntp_;
  const Listener& listener_;
  base::MonoTime end_;
  WaitReadable wait_ = [this](int descriptor) { return wait_for(descriptor, end_); };
};

}  // namespace

Survey survey_for_real(const Options& options, const Programs& programs, const Listener& listener) {
  World world{options, programs, listener};
  return survey(options, world.context());
}

}  // namespace gnomon::ctl::probe
