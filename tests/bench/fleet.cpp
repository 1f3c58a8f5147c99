// SPDX-License-Identifier: GPL-2.0-or-later
// Prints how long the clients of a fleet of NTS-KE servers go without keys when all need them at once: the
// clients' waits are those of the daemon, the servers are a queue.
//   fleet [--clients N] [--capacity SESSIONS_PER_S] [--places N] [--rtt SECONDS]
// By default ten million clients, and servers with 64 processors in all (docs/capacity.md).
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <limits>
#include <optional>
#include <queue>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/number.hpp"
#include "daemon/core/engine/association/nts_client.hpp"

namespace gnomon::bench {

namespace {

using protocol::KeFailureReason;

constexpr std::size_t simulated = 50'000;  // each stands for as many as there are

struct Fleet {
  double clients = 10e6;
  double capacity = 64 * 2500;  // sessions a second, of all servers
  double places = 64 * 100;     // sessions at once: ntsprocesses * maxntsconnections, of all servers
  double rtt = 0.05;            // s
};

// When a client first wants keys, and when the servers are there.
struct Scenario {
  std::string_view name;
  double spread = 0;  // s, from the first client to the last
  double down = 0;    // s
  bool waits = true;  // false: a client that tries again each second, for comparison
};

struct Outcome {
  std::vector<double> done;  // s, of each client, sorted
  double sessions = 0;       // begun, of all clients
  double refused = 0;        // for want of a place, or in vain
  double busiest = 0;        // begun in the busiest second
};

// A scaled-down queue: fewer clients, and servers that are slower and smaller by as much.
class Servers {
 public:
  Servers(const Fleet& fleet, double scale)
      : session_(scale / fleet.capacity), places_(std::max(fleet.places / scale, 1.0)), rtt_(fleet.rtt) {}

  // The end of a session that begins now, and what comes of it. Times must not decrease.
  std::pair<double, std::optional<KeFailureReason>> connect(double now, double down) {
    constexpr double patience = 10;       // s: gnomon-ntske gives a server up after that
    constexpr double turned_away = 0.02;  // of what a session costs: a connection that is accepted and closed
    if (now < down) return {now + rtt_, KeFailureReason::connect_refused};
    while (!ends_.empty() && ends_.top() <= now) ends_.pop();
    if (static_cast<double>(ends_.size()) >= places_) {
      idle_ = std::max(idle_, now) + turned_away * session_;
      return {now + rtt_, KeFailureReason::closed_by_peer};
    }
    idle_ = std::max(idle_, now + rtt_) + session_;
    const double end = idle_ + 2 * rtt_;
    ends_.push(std::min(end, now + patience));
    if (end > now + patience) return {now + patience, KeFailureReason::timeout};
    return {end, std::nullopt};
  }

 private:
  double session_;
  double places_;
  double rtt_;
  double idle_ = 0;  // when the processors have nothing to do
  std::priority_queue<double, std::vector<double>, std::greater<>> ends_;
};

Outcome run(const Fleet& fleet, const Scenario& scenario) {
  const double scale = fleet.clients / static_cast<double>(simulated);
  std::mt19937_64 random{1};
  std::uniform_real_distribution<double> uniform;
  std::vector<engine::NtsClient> clients;
  std::priority_queue<std::pair<double, std::size_t>, std::vector<std::pair<double, std::size_t>>,
                      std::greater<>>
      due;
  for (std::size_t i = 0; i < simulated; ++i) {
    clients.emplace_back(std::nullopt);
    due.emplace(uniform(random) * scenario.spread, i);
  }
  Servers servers{fleet, scale};
  Outcome outcome;
  std::vector<double> rate;
  // Who has no keys after a hundred attempts each is given up for lost.
  while (!due.empty() && outcome.sessions < 100 * fleet.clients) {
    const auto [now, index] = due.top();
    due.pop();
    auto& client = clients[index];
    const auto at = [](double seconds) {
      const auto since = base::to_duration(base::Seconds{seconds});
      return base::Now{base::RealTime{since}, base::MonoTime{since}};
    };
    client.ke_started(at(now).mono);
    outcome.sessions += scale;
    rate.resize(std::max(rate.size(), static_cast<std::size_t>(now) + 1));
    rate[static_cast<std::size_t>(now)] += scale;
    const auto [end, failure] = servers.connect(now, scenario.down);
    if (!failure) {
      outcome.done.push_back(end);
      continue;
    }
    outcome.refused += scale;
    const auto wait = client.ke_failed({*failure, {}}, at(end), uniform(random));
    due.emplace(end + (scenario.waits ? base::to_seconds(wait).count() : 1.0), index);
  }
  std::ranges::sort(outcome.done);
  outcome.busiest = *std::ranges::max_element(rate);
  return outcome;
}

void print(const Scenario& scenario, const Outcome& o) {
  const auto share = [&o](double part) {
    const auto index = static_cast<std::size_t>(part * static_cast<double>(simulated - 1));
    return index < o.done.size() ? o.done[index] : std::numeric_limits<double>::infinity();
  };
  fmt::print("{:<46} {:9.0f} {:9.0f} {:9.0f} {:11.0f} {:9.1f} {:8.0f}%\n", scenario.name, share(0.5),
             share(0.99), share(1), o.busiest, o.sessions / 1e6, 100 * o.refused / o.sessions);
}

bool take(std::string_view word, std::string_view value, Fleet& fleet) {
  constexpr std::array names{std::pair{"--clients", &Fleet::clients},
                             std::pair{"--capacity", &Fleet::capacity}, std::pair{"--places", &Fleet::places},
                             std::pair{"--rtt", &Fleet::rtt}};
  const auto number = base::parse_number<double>(value);
  for (const auto& [name, member] : names)
    if (word == name && number && *number > 0) {
      fleet.*member = *number;
      return true;
    }
  return false;
}

int main(int count, char** words) {
  Fleet fleet;
  for (int i = 1; i < count; i += 2)
    if (i + 1 == count || !take(words[i], words[i + 1], fleet)) {
      fmt::print(stderr, "fleet: not understood: {}\n", words[i]);
      return 2;
    }
  fmt::print("{:.1f} million clients, {:.0f} sessions/s, {:.0f} at once: {:.0f} s of work\n\n",
             fleet.clients / 1e6, fleet.capacity, fleet.places, fleet.clients / fleet.capacity);
  fmt::print("{:<46} {:>9} {:>9} {:>9} {:>11} {:>9} {:>9}\n", "", "half, s", "99 %, s", "all, s", "busiest/s",
             "sessions", "refused");
  for (const Scenario& scenario : {
           Scenario{.name = "cookies refused, polls every 1024 s", .spread = 1024},
           Scenario{.name = "cookies refused, polls every 64 s", .spread = 64},
           Scenario{.name = "all clients start within 10 s", .spread = 10},
           Scenario{.name = "the same, each tries again every second", .spread = 10, .waits = false},
           Scenario{.name = "key servers down for 10 minutes, polls of 64 s", .spread = 64, .down = 600},
           Scenario{
               .name = "the same, each tries again every second", .spread = 64, .down = 600, .waits = false},
           Scenario{.name = "key servers down for 6 hours, polls of 64 s", .spread = 64, .down = 6 * 3600},
       })
    print(scenario, run(fleet, scenario));
  return 0;
}

}  // namespace

}  // namespace gnomon::bench

int main(int count, char** words) {
  return gnomon::bench::main(count, words);
}
