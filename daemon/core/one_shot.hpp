// SPDX-License-Identifier: GPL-2.0-or-later
// -q and -Q: measure once, say by how much the clock is wrong, correct it with -q, and end. Decides when; the
// core ends.
#pragma once

#include <functional>

#include "base/os/log.hpp"
#include "base/time.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::core {

class OneShot {
 public:
  using Finish = std::function<void(int exit_status)>;
  OneShot(ipc::CoreMode mode, bool steers, base::Log& log, Finish finish);

  void on_measured(base::Seconds offset);  // positive: our clock is behind
  void on_settled();                       // what was to be corrected is corrected
  void on_refused();                       // the clock may not be corrected
  void on_all_finished();                  // no source has anything left to say

 private:
  bool corrects_;
  bool once_;
  bool measured_ = false;
  base::Log& log_;
  Finish finish_;
};

}  // namespace gnomon::core
