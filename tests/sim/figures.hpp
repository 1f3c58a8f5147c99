// SPDX-License-Identifier: GPL-2.0-or-later
// What a run of the clock is judged by; the simulators own one each.
#pragma once

#include <cstdint>
#include <vector>

namespace gnomon::simulation {

struct Result {
  double rms = 0;
  double max = 0;
  double rms_frequency = 0;
  double rms_first_minutes = 0;  // s: from 60 to 1000 s after the start, whatever is settled then
  double rms_first_hour = 0;     // s: from 1000 to 5000 s
  double convergence = 0;        // s: from then on the error stays below ten times the RMS
  std::uint64_t packets = 0;
  std::uint64_t interleaved = 0;  // answers of that kind
  std::vector<float> errors{};    // s, once per second from the beginning of the run
};

class Figures {
 public:
  explicit Figures(double settle) : settle_(settle) {}
  // At t = 1 s, 2 s, ...: errors of time (s) and of frequency, slews included (s/s).
  void add(double error, double rate_error);
  [[nodiscard]] Result result(std::uint64_t packets) &&;

 private:
  double settle_;
  double squares_ = 0;
  double rate_squares_ = 0;
  double count_ = 0;
  Result result_{};
};

}  // namespace gnomon::simulation
