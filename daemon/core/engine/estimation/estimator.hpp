// SPDX-License-Identifier: GPL-2.0-or-later
// What one source's samples say about our free-running clock. This interface is all that the timekeeper knows
// of how that is computed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/time.hpp"
#include "daemon/core/engine/estimation/timescale.hpp"

namespace gnomon::engine {

// A sample on the free-running scale.
struct Observation {
  LocalTime at;
  base::Duration theta{};  // true time since the start of local time, minus local time
  base::Seconds delay{};
  base::Seconds dispersion{};
};

// A line: theta(t) = theta + frequency * (t - at).
struct Estimate {
  LocalTime at;  // of the last sample
  base::Duration theta{};
  double frequency = 0;        // s/s; positive: true time runs faster than our free-running clock
  double skew = 2e-3;          // s/s, bound on the error of frequency
  base::Seconds deviation{4};  // of the samples around the line
  base::Seconds error{4};      // standard error of theta at `at`
  base::Seconds delay{};       // of the sample with the shortest round trip
  std::uint32_t samples = 0;
  std::uint32_t runs = 0;
  base::Duration span{};
  // Whether the line is long enough for its frequency to mean something.
  bool has_frequency = false;

  [[nodiscard]] base::Duration theta_at(LocalTime t) const {
    return theta + base::to_duration(base::to_seconds(t - at) * frequency);
  }
};

struct EstimatorLimits {
  int min_samples = 6;   // not dropped by the test for a straight line
  int max_samples = 64;  // 1..64
  base::Seconds precision{1e-7};
  double asymmetry = 0;      // of the excess of round trips, -0.5..0.5: positive, on the way back
  base::Seconds shortest{};  // round trip that the excess counts from; 0: the shortest one kept
};

class Estimator {
 public:
  virtual ~Estimator() = default;
  virtual void add(const Observation& observation) = 0;
  virtual void clear() = 0;
  // nullopt: no sample yet
  [[nodiscard]] virtual std::optional<Estimate> estimate() const = 0;
};

[[nodiscard]] std::unique_ptr<Estimator> make_regression(const EstimatorLimits& limits);

}  // namespace gnomon::engine
