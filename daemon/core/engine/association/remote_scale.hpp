// SPDX-License-Identifier: GPL-2.0-or-later
// By how much a source corrects its clock, as it says itself: of a scale that goes on evenly (extension field
// F323) and of its time it gives both in each packet. Owned by its association.
#pragma once

#include <optional>

#include "base/ntp_time.hpp"
#include "base/time.hpp"
#include "protocol/ntp/extensions.hpp"

namespace gnomon::engine {

// What one packet says of both: its receive timestamp on each scale.
struct RemoteTime {
  base::NtpTimestamp receive;
  std::optional<protocol::MonotonicRoot> monotonic{};
};
// By how much the clock was set on between two packets; nullopt: that cannot be told.
[[nodiscard]] std::optional<base::Seconds> moved_between(const RemoteTime& before, const RemoteTime& after);

class RemoteScale {
 public:
  // Since the last packet that was followed; 0: not, or that cannot be told.
  [[nodiscard]] base::Seconds moved(const RemoteTime& now) const;
  // A valid packet, in the order in which they left.
  void follow(const RemoteTime& now);
  // All of that since the last call: what was measured before is wrong by it.
  [[nodiscard]] base::Seconds take();
  // It is another source now, or samples from before do not count.
  void forget();

 private:
  RemoteTime last_;
  base::Seconds moved_{};
};

}  // namespace gnomon::engine
