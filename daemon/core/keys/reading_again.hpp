// SPDX-License-Identifier: GPL-2.0-or-later
// Who has asked for certificates and keys to be read again waits here for what comes of it: other processes
// read them. Owned by the core.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "async/task_group.hpp"

namespace gnomon::core {

class ReadingAgain {
 public:
  // What could not be used and why, sentences; empty: all could.
  using Done = std::function<void(const std::string& wrong)>;
  struct Awaited {
    bool certificates = false;
    bool symmetric_keys = false;
    bool key_secret = false;
  };
  // After `limit` what has not come counts as wrong.
  explicit ReadingAgain(async::TaskGroup& tasks, base::Duration limit = std::chrono::seconds{10})
      : tasks_(tasks), limit_(limit) {}

  // `done` is called once, at once when nothing is awaited.
  void await(Awaited awaited, Done done);
  // What has come; empty: it is in use.
  void on_certificates(const std::string& wrong) { take(&Waiting::certificates, wrong); }
  void on_symmetric_keys(const std::string& wrong) { take(&Waiting::symmetric_keys, wrong); }
  void on_key_secret(const std::string& wrong) { take(&Waiting::key_secret, wrong); }

 private:
  struct Waiting {
    std::optional<std::string> certificates;
    std::optional<std::string> symmetric_keys;
    std::optional<std::string> key_secret;
    Done done;
  };
  void take(std::optional<std::string> Waiting::* which, const std::string& wrong);
  asio::awaitable<void> give_up(std::uint32_t id);

  async::TaskGroup& tasks_;
  base::Duration limit_;
  std::map<std::uint32_t, Waiting> waiting_;
  std::uint32_t next_ = 0;
};

}  // namespace gnomon::core
