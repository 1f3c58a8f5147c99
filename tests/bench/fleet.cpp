// SPDX-License-Identifier: GPL-2.0-or-later
// Prints how long the clients of a fleet of NTS-KE servers go without keys when all need them at once: the
// clients' waits are those of the daemon, the servers are a queue.
//   fleet [--clients N] [--capacity SESSIONS_PER_S] [--places N] [--backlog N] [--rtt SECONDS]
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

constexpr std::size_t simulated = 100'000;  // each stands for as many as there are

struct Fleet {
  double clients = 10e6;
  double capacity = 64 * 2700;  // sessions a second, of all servers
  double places = 64 * 100;     // sessions at once: ntsprocesses * maxntsconnections, of all servers
  double backlog = 4 * 128;     // connections that the kernels hold until there is a place: 128 a machine
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
  double attempts = 0;       // of all clients
  double vain = 0;           // of them
  double busiest = 0;        // attempts in the busiest second
};

// A scaled-down queue: fewer clients, and servers that are slower and smaller by as much. Like gnomon-ntske
// it turns nobody away: who comes while all places are taken waits in the backlog, and beyond that the kernel
// drops what opens a connection, which the client's kernel sends again.
class Servers {
 public:
  Servers(const Fleet& fleet, double scale)
      : session_(scale / fleet.capacity),
        backlog_(static_cast<std::size_t>(std::ceil(fleet.backlog / scale))),
        rtt_(fleet.rtt),
        free_from_(static_cast<std::size_t>(std::ceil(fleet.places / scale)), 0.0) {}

  // The end of a session of who is heard now; nullopt: nobody hears. Times must not decrease.
  std::optional<double> connect(double now) {
    while (!waiting_.empty() && waiting_.front() <= now) waiting_.pop();
    if (waiting_.size() >= backlog_) return std::nullopt;
    std::ranges::pop_heap(free_from_, std::greater<>{});
    const double start = std::max(now + rtt_, free_from_.back());
    idle_ = std::max(idle_, start + rtt_) + session_;
    const double end = idle_ + rtt_;
    free_from_.back() = end;
    std::ranges::push_heap(free_from_, std::greater<>{});
    if (start > now + rtt_) waiting_.push(start);
    return end;
  }

 private:
  double session_;
  std::size_t backlog_;
  double rtt_;
  double idle_ = 0;                // when the processors have nothing to do
  std::vector<double> free_from_;  // the places, as a heap
  std::queue<double> waiting_;     // for a place, until when
};

struct Due {
  double time = 0;
  std::size_t client = 0;
  int unheard = 0;  // times that it opened this connection in vain
  auto operator<=>(const Due&) const = default;
};

// What comes of an attempt: its end and how it failed, or when the client's kernel tries again.
struct Answer {
  double end = 0;
  std::optional<KeFailureReason> failure{};
  bool again = false;
};

Answer answer_of(Servers& servers, const Due& due, double down) {
  constexpr double patience = 16;  // s: client_session_limit of gnomon-ntske
  constexpr std::array unheard{1.0, 2.0,
                               1.0};  // s: between what opens a connection, until it gives up after 4
  if (due.time < down) return {due.time, KeFailureReason::connect_refused};
  const auto end = servers.connect(due.time);
  const auto pause = unheard.at(static_cast<std::size_t>(due.unheard));
  if (!end && due.unheard + 1 < static_cast<int>(unheard.size()))
    return {due.time + pause, std::nullopt, true};
  if (!end) return {due.time + pause, KeFailureReason::timeout};
  if (*end > due.time + patience) return {due.time + patience, KeFailureReason::timeout};
  return {*end};
}

Outcome run(const Fleet& fleet, const Scenario& scenario) {
  const double scale = fleet.clients / static_cast<double>(simulated);
  std::mt19937_64 random{1};
  std::uniform_real_distribution<double> uniform;
  std::vector<engine::NtsClient> clients;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due;
  for (std::size_t i = 0; i < simulated; ++i) {
    clients.emplace_back(std::nullopt);
    due.push({uniform(random) * scenario.spread, i});
  }
  Servers servers{fleet, scale};
  Outcome outcome;
  std::vector<double> rate;
  const auto at = [](double seconds) {
    const auto since = base::to_duration(base::Seconds{seconds});
    return base::Now{base::RealTime{since}, base::MonoTime{since}};
  };
  // Who has no keys after a hundred attempts each is given up for lost.
  while (!due.empty() && outcome.attempts < 100 * fleet.clients) {
    const auto now = due.top();
    due.pop();
    auto& client = clients[now.client];
    if (now.unheard == 0) {
      client.ke_started(at(now.time).mono);
      outcome.attempts += scale;
      rate.resize(std::max(rate.size(), static_cast<std::size_t>(now.time) + 1));
      rate[static_cast<std::size_t>(now.time)] += scale;
    }
    const auto answer = answer_of(servers, now, scenario.down);
    if (answer.again) {
      due.push({answer.end, now.client, now.unheard + 1});
    } else if (!answer.failure) {
      outcome.done.push_back(answer.end);
    } else {
      outcome.vain += scale;
      const auto wait = client.ke_failed({*answer.failure, {}}, at(answer.end), uniform(random));
      due.push({answer.end + (scenario.waits ? base::to_seconds(wait).count() : 1.0), now.client});
    }
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
             share(0.99), share(1), o.busiest, o.attempts / 1e6, 100 * o.vain / o.attempts);
}

bool take(std::string_view word, std::string_view value, Fleet& fleet) {
  constexpr std::array names{std::pair{"--clients", &Fleet::clients},
                             std::pair{"--capacity", &Fleet::capacity}, std::pair{"--places", &Fleet::places},
                             std::pair{"--backlog", &Fleet::backlog}, std::pair{"--rtt", &Fleet::rtt}};
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
             "attempts", "failed");
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
