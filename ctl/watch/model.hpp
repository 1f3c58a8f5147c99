// SPDX-License-Identifier: GPL-2.0-or-later
// What `watch` knows of the daemon: its last replies as values, and what was before them. Owned by the watch.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ctl/report/history.hpp"

namespace gnomon::ctl {

struct WatchedClock {
  bool synchronised = false;
  std::string name{};
  int stratum = 0;
  std::optional<double> bound{};
  double remaining = 0;  // positive: the system clock is slow
  double last_offset = 0;
  double frequency = 0;
  double skew = 0;
  std::string leap{};
  std::string summary{};  // while it is not synchronised: why, and what to do
};

struct WatchedSource {
  std::int64_t id = 0;
  std::string name{};
  std::string address{};  // where it is not the name
  char letter = '?';
  char before = '?';       // its letter before the last change
  double changed_at = -1;  // as WatchModel::now; negative: it never did
  std::int64_t stratum = 0;
  std::int64_t poll = 0;
  std::uint8_t reach = 0;
  std::optional<double> last_rx{};
  double offset = 0;
  double error = 0;
  std::string keys{};  // authentication in a few letters
  bool keys_fail = false;
};

struct WatchModel {
  double now = 0;         // seconds since 1970
  std::string trouble{};  // why the daemon does not answer; empty: it does
  WatchedClock clock{};
  std::vector<WatchedSource> sources{};
  History history{};
  std::int64_t last_event = 0;     // that is known
  bool keeps_measurements = true;  // the daemon does
};

// All throw ReplyFault.
void take_tracking(const boost::json::object& reply, WatchModel& model);
// `sources` and `keys`: the replies to Sources and AuthData. What has another state than before is noted.
void take_sources(const boost::json::object& sources, const boost::json::object& keys, WatchModel& model);
// Of an open watch only so much is kept.
void forget_old(WatchModel& model, double longest);

}  // namespace gnomon::ctl
