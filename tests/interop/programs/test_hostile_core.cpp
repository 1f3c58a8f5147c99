// SPDX-License-Identifier: GPL-2.0-or-later
// A core in enemy hands against the clock helper's program: whatever it sends, the clock stays within the
// budget.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <random>

#include "base/os/shared_memory.hpp"
#include "helpers/clock/first_time.hpp"
#include "ipc/role_setup.hpp"
#include "tests/interop/programs/recording_clock.hpp"
#include "tests/interop/programs/role_program.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using ipc::ClockRefusal;

namespace {

constexpr ipc::Rate ppm(std::int64_t value) {
  return {value * 1'000'000};
}

// The helper, what it has asked of the kernel, and what it has said.
class Helper {
 public:
  // `kept`: becomes its descriptor 5; -1: none.
  explicit Helper(const ipc::ClockSetup& setup, int kept = -1) {
    const base::Fd memory{memfd_create("record", MFD_CLOEXEC)};
    REQUIRE(ftruncate(memory.get(), sizeof(testing::ClockRecord)) == 0);
    void* shared =
        mmap(nullptr, sizeof(testing::ClockRecord), PROT_READ | PROT_WRITE, MAP_SHARED, memory.get(), 0);
    REQUIRE(shared != MAP_FAILED);
    record_ = static_cast<testing::ClockRecord*>(shared);
    auto pair = base::make_channel();
    REQUIRE(pair);
    // Its standard error is ours: for the time of the start another file is.
    const base::Fd log{open((folder_ / "log").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    const base::Fd error{dup(STDERR_FILENO)};
    std::vector<int> inherited{pair->theirs.get(), memory.get()};
    if (kept >= 0) inherited.push_back(kept);
    dup2(log.get(), STDERR_FILENO);
    auto child = base::spawn({GNOMON_RECORDING_CLOCK, ipc::to_arguments(setup), inherited, {}});
    dup2(error.get(), STDERR_FILENO);
    REQUIRE(child);
    child_ = std::move(*child);
    channel_ = std::move(pair->ours);
  }
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;
  ~Helper() { munmap(record_, sizeof(testing::ClockRecord)); }

  // Its answer; nullopt: it has closed the channel.
  std::optional<ipc::MessageType> say(base::Bytes datagram) {
    if (!base::send_datagram(channel_.get(), datagram)) return std::nullopt;
    return hear();
  }
  template <class Request>
  std::optional<ipc::MessageType> ask(const Request& request) {
    return say(ipc::encode(request, 1));
  }
  template <class Request>
  ClockRefusal refusal(const Request& request) {
    REQUIRE(ask(request) == ipc::MessageType::clock_refused);
    return ipc::decode<ipc::ClockRefused>(*ipc::parse_frame(base::Bytes{space_}.first(size_)))->reason;
  }
  base::ExitResult end() {
    channel_.close();
    return *base::wait_for(child_);
  }
  [[nodiscard]] std::span<const testing::RecordedChange> changes() const {
    return std::span{record_->changes}.first(record_->count);
  }
  [[nodiscard]] std::vector<double> steps() const {
    std::vector<double> steps;
    for (const auto& change : changes())
      if ((change.modes & ADJ_SETOFFSET) != 0) steps.push_back(static_cast<double>(change.step) * 1e-9);
    return steps;
  }
  [[nodiscard]] double fastest() const {
    double most = 0;
    for (const auto& change : changes())
      if ((change.modes & ADJ_TICK) != 0)
        most = std::max(most, std::fabs(base::KernelRate{change.tick, change.frequency}.ratio() * 1e6));
    return most;
  }
  [[nodiscard]] double last_rate() const {
    double rate = 0;
    for (const auto& change : changes())
      if ((change.modes & ADJ_TICK) != 0)
        rate = base::KernelRate{change.tick, change.frequency}.ratio() * 1e6;
    return rate;
  }
  [[nodiscard]] std::string log() const { return *base::read_file(folder_ / "log"); }
  [[nodiscard]] int channel() const { return channel_.get(); }

 private:
  std::optional<ipc::MessageType> hear() {
    // The end of a slew is an event of its own.
    while (true) {
      const auto received = base::receive_datagram(channel_.get(), space_);
      if (!received || received->size == 0) return std::nullopt;
      size_ = received->size;
      const auto frame = ipc::parse_frame(base::Bytes{space_}.first(size_));
      REQUIRE(frame);
      if (frame->request_id != 0) return frame->type;
    }
  }

  testing::TemporaryFolder folder_;
  base::Fd channel_;
  base::Child child_;
  testing::ClockRecord* record_ = nullptr;
  std::array<std::uint8_t, ipc::max_frame_size> space_{};
  std::size_t size_ = 0;
};

ipc::ClockSetup strict() {
  ipc::ClockSetup setup;
  setup.budget = {.max_slew_rate_ppm = 1000,
                  .max_drift_ppm = 100,
                  .step_threshold_s = 0.1,
                  .step_limit = 2,
                  .max_change_s = 5,
                  .max_change_start = 1};
  return setup;
}

}  // namespace

TEST_CASE("a hostile core steps no oftener, no less and no further than the budget says") {
  Helper helper(strict());
  CHECK(helper.refusal(ipc::Step{50ms}) == ClockRefusal::step_not_allowed);
  CHECK(helper.ask(ipc::Step{1000s}) == ipc::MessageType::adjusted);  // before maxchange holds
  CHECK(helper.refusal(ipc::Step{5001ms}) == ClockRefusal::step_too_large);
  CHECK(helper.refusal(ipc::Step{base::Duration::max()}) == ClockRefusal::step_too_large);
  CHECK(helper.refusal(ipc::Step{-base::Duration::max()}) == ClockRefusal::step_too_large);
  CHECK(helper.ask(ipc::Step{-1s}) == ipc::MessageType::adjusted);
  for (int i = 0; i < 100; ++i) CHECK(helper.refusal(ipc::Step{1s}) == ClockRefusal::step_not_allowed);
  REQUIRE(helper.steps().size() == 2);
  CHECK(helper.steps()[0] == Approx(1000));
  CHECK(helper.steps()[1] == Approx(-1));
  CHECK(helper.end() == base::ExitResult{});
  CHECK(helper.log().find("asked for 0.05 s, least step is 0.1 s") != std::string::npos);
  CHECK(helper.log().find("asked for 5.001 s, maxchange is 5 s") != std::string::npos);
  CHECK(helper.log().find("asked for 3 , number of steps is 2") != std::string::npos);
}

TEST_CASE("a hostile core neither slews faster than maxslewrate nor runs the clock beyond maxdrift") {
  Helper helper(strict());
  CHECK(helper.refusal(ipc::Adjust{ppm(101), {}, 0s}) == ClockRefusal::over_drift);
  CHECK(helper.refusal(ipc::Adjust{ppm(-101), {}, 0s}) == ClockRefusal::over_drift);
  CHECK(helper.refusal(ipc::Adjust{{}, ppm(1001), 1s}) == ClockRefusal::over_slew_rate);
  CHECK(helper.refusal(ipc::Adjust{{}, ppm(-1001), 1s}) == ClockRefusal::over_slew_rate);
  CHECK(helper.ask(ipc::Adjust{ppm(100), ppm(1000), 1000s}) == ipc::MessageType::adjusted);
  CHECK(helper.refusal(ipc::Adjust{ppm(100), ppm(1000), 5001s}) == ClockRefusal::step_too_large);
  CHECK(helper.fastest() == Approx(1100).margin(0.1));
  CHECK(helper.end() == base::ExitResult{});
  CHECK(helper.last_rate() == Approx(100).margin(0.1));  // the slew did not outlive the core
  CHECK(helper.log().find("asked for -1001 ppm, maxslewrate is 1000 ppm") != std::string::npos);
  CHECK(helper.log().find("asked for 101 ppm, maxdrift is 100 ppm") != std::string::npos);
}

TEST_CASE("ten thousand requests at random leave the clock within its budget") {
  auto setup = strict();
  setup.budget.step_limit = 5;
  Helper helper(setup);
  std::mt19937_64 random(7);
  const auto within = [&](std::int64_t limit) {
    return std::uniform_int_distribution<std::int64_t>{-limit, limit}(random);
  };
  constexpr std::int64_t tenth = 100'000'000'000;
  for (int i = 0; i < 10000; ++i) {
    const std::int64_t scale = std::int64_t{1} << (random() % 37);
    if (random() % 4 == 0)
      REQUIRE(helper.ask(ipc::Step{base::Duration{within(scale)}}));
    else
      REQUIRE(helper.ask(ipc::Adjust{{within(std::min(scale, tenth))},
                                     {within(std::min(scale, tenth))},
                                     std::chrono::seconds{random() % 100001}}));
  }
  const auto steps = helper.steps();
  CHECK(steps.size() == 5);
  for (const double step : steps) CHECK(std::fabs(step) >= 0.1);
  CHECK(std::ranges::all_of(steps, [](double step) { return std::fabs(step) <= 5; }));
  CHECK(helper.fastest() <= 1100.1);
  CHECK(helper.changes().size() > 100);
  CHECK(helper.end() == base::ExitResult{});
}

TEST_CASE("what is no request of a core ends the helper, with the clock as it was") {
  auto odd_frame = ipc::encode(ipc::ReadClock{}, 1);
  std::vector<base::Buffer> datagrams;
  datagrams.push_back({0x01});                             // half a header
  datagrams.push_back({0x02, 0x01, 0, 0, 0, 0, 0, 1});     // another version
  datagrams.push_back({0x01, 0x0f, 0, 0, 0, 0, 0, 1});     // a type that is none
  datagrams.push_back({0x01, 0x01, 0, 4, 0, 0, 0, 1});     // shorter than it says
  datagrams.push_back({0x01, 0x01, 0, 0, 0, 0, 0, 1, 0});  // longer
  datagrams.push_back({0x01, 0x02, 0, 1, 0, 0, 0, 1, 7});  // a body of the wrong size
  datagrams.push_back(ipc::encode(ipc::Adjusted{}, 1));    // what it says itself
  datagrams.push_back(ipc::encode(ipc::ClockReading{}, 1));
  datagrams.push_back(ipc::encode(ipc::Stop{}, 1));                             // another link's
  datagrams.push_back(ipc::encode(ipc::Adjust{{100'000'000'001}, {}, 0s}, 1));  // beyond any clock
  datagrams.push_back(ipc::encode(ipc::Adjust{{}, {}, -1s}, 1));
  datagrams.push_back(ipc::encode(ipc::Adjust{{}, {}, 100001s}, 1));
  datagrams.push_back(ipc::encode(ipc::Step{base::Duration{std::numeric_limits<std::int64_t>::min()}}, 1));
  datagrams.push_back(ipc::encode(ipc::SetStatus{static_cast<base::LeapIndicator>(4)}, 1));
  datagrams.push_back(ipc::encode(ipc::SetStatus{base::LeapIndicator::none, true, 17s, 0s, 0}, 1));
  base::Buffer too_long(ipc::max_frame_size + 1);
  std::ranges::copy(odd_frame, too_long.begin());
  datagrams.push_back(too_long);
  for (const auto& datagram : datagrams) {
    INFO(datagram.size() << " octets, type " << (datagram.size() > 1 ? int{datagram[1]} : -1));
    Helper helper(strict());
    REQUIRE(helper.ask(ipc::ReadClock{}) == ipc::MessageType::clock_reading);
    const auto before = helper.changes().size();
    CHECK_FALSE(helper.say(datagram));
    CHECK(helper.end() == base::ExitResult{false, 1});
    CHECK(helper.changes().size() == before);
    CHECK(helper.log().find("Closing the channel to the core: ") != std::string::npos);
  }
}

TEST_CASE("a descriptor handed to the helper ends it") {
  Helper helper(strict());
  REQUIRE(base::send_datagram(helper.channel(), ipc::encode(ipc::ReadClock{}, 1), STDIN_FILENO));
  CHECK(helper.end() == base::ExitResult{false, 1});
}

TEST_CASE("the first time is taken from the launcher's word once, and a core cannot repeat it") {
  auto setup = strict();
  setup.budget.step_limit = 0;
  const auto now = base::read_now().real.time_since_epoch();
  setup.first_time = {.wanted = true, .not_before_s = base::to_seconds(now).count() + 1000};
  Helper helper(setup);
  CHECK(helper.ask(ipc::ReadClock{}) == ipc::MessageType::clock_reading);
  CHECK(helper.ask(ipc::ReadClock{}) == ipc::MessageType::clock_reading);
  CHECK(helper.refusal(ipc::Step{1000s}) == ClockRefusal::step_not_allowed);
  REQUIRE(helper.steps().size() == 1);
  CHECK(helper.steps()[0] == Approx(1000).margin(5));
  CHECK(helper.end() == base::ExitResult{});
  CHECK(helper.log().find("System time restored from driftfile, by ") != std::string::npos);
}

TEST_CASE("a core that ends the daemon does not get another first time") {
  auto setup = strict();
  setup.memory_fd = 5;
  const auto now = base::to_seconds(base::read_now().real.time_since_epoch()).count();
  const auto kept = base::make_shared_memory("clock", ipc::clock_memory_size);
  REQUIRE(kept);
  for (const double later : {1000.0, 1e9}) {
    setup.first_time = {.wanted = true, .not_before_s = now + later};
    Helper helper(setup, kept->get());
    CHECK(helper.ask(ipc::ReadClock{}) == ipc::MessageType::clock_reading);
    CHECK(helper.steps().size() == (later == 1000.0 ? 1 : 0));
    CHECK(helper.end() == base::ExitResult{});
  }
}

TEST_CASE("the first time is the real-time clock's, but never before the driftfile's last writing") {
  const base::RealTime now{1000s};
  const base::RealTime early{500s};
  const base::RealTime late{2000s};
  CHECK(clock::first_step(now, late, early)->offset == 1000s);
  CHECK(clock::first_step(now, late, early)->from_rtc);
  CHECK(clock::first_step(now, early, std::nullopt)->offset == -500s);
  CHECK_FALSE(clock::first_step(now, base::RealTime{0s}, early));
  CHECK(clock::first_step(now, early, late)->offset == 1000s);
  CHECK_FALSE(clock::first_step(now, early, late)->from_rtc);
  CHECK(clock::first_step(now, std::nullopt, late)->offset == 1000s);
  CHECK_FALSE(clock::first_step(now, std::nullopt, std::nullopt));
}
