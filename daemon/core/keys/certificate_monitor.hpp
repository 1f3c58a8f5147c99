// SPDX-License-Identifier: GPL-2.0-or-later
// What the NTS-KE servers show their clients: for the report, and to be warned before a certificate ends. The
// keys and the certificates themselves never come here. Owned by the core.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "async/task_group.hpp"
#include "base/os/log.hpp"
#include "config/config.hpp"
#include "daemon/core/control/reporter.hpp"
#include "ipc/certificate_messages.hpp"

namespace gnomon::core {

enum class DateVerdict : std::uint8_t { valid, ends_in_30_days, ends_in_7_days, ended, not_begun };
[[nodiscard]] DateVerdict judge_dates(const ipc::CertificateFacts& facts, base::RealTime now);
// When the verdict will be another, as long as the clock is not set; nullopt: never.
[[nodiscard]] std::optional<base::RealTime> next_verdict(const ipc::CertificateFacts& facts,
                                                         base::RealTime now);

class CertificateMonitor {
 public:
  CertificateMonitor(const config::Config& config, async::TaskGroup& tasks, base::Log& log);
  CertificateMonitor(const CertificateMonitor&) = delete;
  CertificateMonitor& operator=(const CertificateMonitor&) = delete;

  // Other pairs from now on: their processes are still to come.
  void set(const config::Config& config);
  // Warns from now on, each time once.
  void start();
  // What a server role reports that it presents from now on. False: there is no such pair in the
  // configuration.
  [[nodiscard]] bool accept(const ipc::CertificateFacts& facts, base::RealTime now);
  // What is in the files cannot be used: why. What was accepted before goes on, where there is something.
  void refuse(const std::string& reason, base::RealTime now);
  // The last reading's; nullopt: it could be used.
  [[nodiscard]] const std::optional<control::CertificatesRefusal>& refusal() const { return refusal_; }
  // Whether a process presents one.
  [[nodiscard]] bool in_use() const { return !pairs_.empty() && pairs_.front().facts.has_value(); }
  void look_at_dates(base::RealTime now);
  void on_clock_set();
  // One for each pair of the configuration, in its order.
  [[nodiscard]] std::vector<control::CertificateReport> report(base::RealTime now) const;
  // What an operator is to know besides: that the files cannot be used.
  [[nodiscard]] std::vector<control::Notice> notices() const;

 private:
  struct Pair {
    std::string file;
    std::optional<ipc::CertificateFacts> facts{};
    base::RealTime since{};
    DateVerdict said = DateVerdict::valid;
  };
  void say(Pair& pair, DateVerdict verdict, base::RealTime now);
  [[nodiscard]] base::Duration next_pause(base::RealTime now) const;

  async::TaskGroup& tasks_;
  base::Log& log_;
  std::vector<Pair> pairs_;
  std::optional<control::CertificatesRefusal> refusal_;
  async::Timer timer_;
};

}  // namespace gnomon::core
