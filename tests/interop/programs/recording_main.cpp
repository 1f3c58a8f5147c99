// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-clock as it is, with a clock that only writes down what it is asked for (descriptor 4) in place of
// the kernel's, so that a test may attack it on a machine whose clock must stay right.
#include <sys/mman.h>
#include <unistd.h>

#include <vector>

#include "helpers/clock/program.hpp"
#include "tests/interop/programs/recording_clock.hpp"

using namespace gnomon;

namespace {

class RecordingClock final : public base::SystemClock {
 public:
  explicit RecordingClock(testing::ClockRecord& record) : record_(record) {}

  int adjust(timex& request) override {
    if (request.modes != 0 && record_.count < record_.changes.size()) record(request);
    request.tick = tick_;
    request.freq = frequency_;
    request.status = status_;
    return 0;
  }
  base::Now now() override {
    auto now = base::read_now();
    now.real += stepped_;
    return now;
  }

 private:
  void record(const timex& request) {
    const bool single = (request.modes & ADJ_OFFSET_SINGLESHOT) == ADJ_OFFSET_SINGLESHOT;
    auto& change = record_.changes.at(record_.count++);
    change.modes = request.modes;
    if (single) return;
    if ((request.modes & ADJ_TICK) != 0) change.tick = tick_ = request.tick;
    if ((request.modes & ADJ_FREQUENCY) != 0) change.frequency = frequency_ = request.freq;
    if ((request.modes & ADJ_STATUS) != 0) change.status = status_ = request.status;
    if ((request.modes & ADJ_SETOFFSET) == 0) return;
    const auto step = std::chrono::seconds{request.time.tv_sec} + base::Duration{request.time.tv_usec};
    change.step = step.count();
    stepped_ += step;
  }

  testing::ClockRecord& record_;
  std::int64_t tick_ = 10000;
  std::int64_t frequency_ = 0;
  int status_ = STA_UNSYNC;
  base::Duration stepped_{};
};

}  // namespace

int main(int count, char** arguments) {
  base::StreamLog log{STDERR_FILENO, base::LogFormat::text_only};
  constexpr int record_fd = 4;
  void* memory =
      mmap(nullptr, sizeof(testing::ClockRecord), PROT_READ | PROT_WRITE, MAP_SHARED, record_fd, 0);
  if (memory == MAP_FAILED) return 3;
  const std::vector<std::string> words{arguments + 1, arguments + count};
  RecordingClock kernel{*static_cast<testing::ClockRecord*>(memory)};
  return clock::run(words, kernel, true, log);
}
