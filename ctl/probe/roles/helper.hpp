// SPDX-License-Identifier: GPL-2.0-or-later
// One helper process of a probe: started when it is first needed, asked over its channel, ended with it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/os/spawn.hpp"
#include "ipc/codec.hpp"

namespace gnomon::ctl::probe {

// False: the time is over, or the user has had enough.
using WaitReadable = std::function<bool(int descriptor)>;

class Helper {
 public:
  // `words`: its arguments. `descriptors`: those that it gets after its channel.
  Helper(std::string program, std::vector<std::string> words, std::vector<int> descriptors, ipc::Link link);
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;
  ~Helper();

  [[nodiscard]] bool failed() const { return failed_; }
  // The answer, or nullopt: wait said no, or the helper is gone or broke the rules (failed()).
  template <class Answer, class Request>
  [[nodiscard]] std::optional<Answer> ask(const Request& request, const WaitReadable& wait) {
    if (!tell(request)) return std::nullopt;
    const auto frame = receive(wait);
    if (!frame) return std::nullopt;
    auto answer = ipc::decode<Answer>(*frame);
    if (!answer) return fail<Answer>();
    return std::move(*answer);
  }
  template <class Request>
  bool tell(const Request& request) {
    return send(ipc::encode(request, ++last_id_));
  }
  // Of a request with several kinds of answers.
  [[nodiscard]] std::optional<ipc::Frame> receive(const WaitReadable& wait);

 private:
  template <class Answer>
  std::optional<Answer> fail() {
    failed_ = true;
    return std::nullopt;
  }
  [[nodiscard]] bool send(base::Buffer datagram);
  void start();

  std::string program_;
  std::vector<std::string> words_;
  std::vector<int> descriptors_;
  ipc::Link link_;
  bool failed_ = false;
  std::uint32_t last_id_ = 0;
  base::Fd channel_;
  base::Child child_;
  base::Buffer received_;
};

}  // namespace gnomon::ctl::probe
