// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/program.hpp"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "async/loop.hpp"
#include "base/os/clocks.hpp"
#include "base/os/file.hpp"
#include "base/os/log.hpp"
#include "base/os/sandbox/role_main.hpp"
#include "base/os/shared_memory.hpp"
#include "config/parse.hpp"
#include "daemon/core/core.hpp"
#include "daemon/core/core_settings.hpp"
#include "daemon/core/sandbox.hpp"
#include "daemon/core/sources/network_watch.hpp"
#include "daemon/core/sources/source_files.hpp"

namespace gnomon::core {

namespace {

constexpr std::size_t max_config_size = 4U << 20U;

struct Configuration {
  config::Config config;
  std::vector<std::string> lines;
};

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

Configuration read_config(int fd) {
  const base::Fd file{fd};
  if (lseek(file.get(), 0, SEEK_SET) < 0)
    throw std::runtime_error{"the configuration: " + base::to_string(base::last_error("lseek"))};
  const auto text = base::read_to_end(file.get(), max_config_size);
  if (!text) throw std::runtime_error{"the configuration: " + base::to_string(text.error())};
  auto lines = lines_of(*text);
  auto parsed = config::parse_lines(lines, config::real_files());
  if (!parsed) throw std::runtime_error{"the configuration: " + config::to_text(parsed.error().front())};
  return {std::move(parsed->config), std::move(lines)};
}

base::LogLevel log_level(int chrony_level) {
  if (chrony_level < 0) return base::LogLevel::debug;
  if (chrony_level == 0) return base::LogLevel::info;
  return chrony_level == 1 ? base::LogLevel::warning : base::LogLevel::error;
}

std::optional<ipc::ClockReading> first_reading(const ipc::CoreSetup& setup) {
  if (!core::steers(setup)) return std::nullopt;
  const auto reading = core::read_clock(setup.clock_fd);
  if (!reading)
    throw std::runtime_error{"gnomon-clock does not report the state of the clock (" + reading.error() +
                             "): its own messages say why; -x runs without it"};
  return *reading;
}

control::Operators operators_of(const ipc::CoreSetup& setup) {
  control::Operators operators{.own = geteuid()};
  if (setup.operators_group >= 0) operators.group = static_cast<gid_t>(setup.operators_group);
  return operators;
}

// What an earlier core has left and this one goes on with, or memory of our own.
class KeptMemory {
 public:
  KeptMemory(int shared, std::size_t size) {
    auto* const mapped =
        size > 0 ? static_cast<std::uint8_t*>(base::map_shared_memory(shared, size)) : nullptr;
    if (mapped == nullptr) own_.resize(size);
    memory_ = mapped == nullptr ? std::span{own_} : std::span{mapped, size};
  }
  KeptMemory(const KeptMemory&) = delete;
  KeptMemory& operator=(const KeptMemory&) = delete;
  ~KeptMemory() = default;
  [[nodiscard]] std::span<std::uint8_t> get() const { return memory_; }

 private:
  std::vector<std::uint8_t> own_;
  std::span<std::uint8_t> memory_;
};

// Hears what is written until it goes.
struct Listening {
  Listening(base::ProcessLog& its_log, base::LogListener& listener) : log(its_log) {
    log.set_listener(&listener);
  }
  ~Listening() { log.set_listener(nullptr); }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;
  base::ProcessLog& log;
};

int run(const ipc::CoreSetup& setup, base::ProcessLog& log) {
  base::ignore_termination_signals();
  const auto configuration = read_config(setup.config_fd);
  const auto& config = configuration.config;
  async::Context io{1};
  const base::MachineClock clock;
  async::Loop loop{io, clock};  // before the filter
  const KeptMemory event_memory{setup.event_memory_fd, config.control.event_memory};
  core::EventLog events{event_memory.get(), clock};
  const KeptMemory measurement_memory{setup.measurement_memory_fd, config.control.measurement_memory};
  core::MeasurementLog measurements{measurement_memory.get(), clock};
  const Listening listening{log, events};
  auto sockets = take_over(setup.ntp_sockets);
  auto network_events = core::open_network_events();
  if (!network_events)
    log.write(
        base::LogEvent::network_not_watched,
        "The network is not watched; a source that was unreachable is found again only at its next poll: " +
            base::to_string(network_events.error()));
  const auto addresses = core::local_addresses();
  auto clock_events = core::open_clock_events();
  core::give_up_privileges(setup.identity, config);
  const auto operators = operators_of(setup);
  const auto hardware = config.hardware.timestamping.empty() ? base::Hardware::no : base::Hardware::yes;
  core::NtpServer server{
      std::move(sockets),          config.server, clock, core::ServerThreads::one_each, hardware,
      take_over(setup.ptp_sockets)};
  core::SourceFiles source_files{base::Fd{setup.sources_fd}, config};
  core::forbid_system_calls(setup.identity, config);
  core::Core core{setup,
                  config,
                  {.loop = loop,
                   .log = log,
                   .server = server,
                   .operators = operators,
                   .clock = first_reading(setup),
                   .network_events = network_events ? network_events->release() : -1,
                   .addresses = addresses,
                   .clock_events = clock_events ? clock_events->release() : -1,
                   .events = config.control.event_memory > 0 ? &events : nullptr,
                   .measurements = config.control.measurement_memory > 0 ? &measurements : nullptr,
                   .configuration = configuration.lines,
                   .read_source_files = [&source_files] { return source_files.read(); }}};
  return core.run();
}

}  // namespace

std::expected<int, base::RoleFailure> work(std::span<const std::string> words, base::ProcessLog& log) {
  const auto setup = ipc::from_arguments<ipc::CoreSetup>(words);
  if (!setup) return base::bad_words(setup.error());
  log.set_most_verbose(log_level(setup->log_level));
  return run(*setup, log);
}

}  // namespace gnomon::core
