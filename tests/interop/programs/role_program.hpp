// SPDX-License-Identifier: GPL-2.0-or-later
// A role's real program under test, at the other end of a channel.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/os/channel.hpp"
#include "base/os/file.hpp"
#include "base/os/sandbox/sandbox.hpp"
#include "base/os/spawn.hpp"
#include "ipc/codec.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

class RoleProgram {
 public:
  explicit RoleProgram(const char* path, const std::vector<std::string>& arguments = {}) {
    auto pair = base::make_channel();
    REQUIRE(pair);
    auto child = base::spawn({path, arguments, {pair->theirs.get()}, {}});
    REQUIRE(child);
    channel_ = std::move(pair->ours);
    child_ = std::move(*child);
  }

  void say(base::Bytes datagram) { REQUIRE(base::send_datagram(channel_.get(), datagram)); }

  // The reply to `request`, which must be a Reply.
  template <class Reply, class Request>
  Reply ask(const Request& request, std::uint32_t id = 7) {
    say(ipc::encode(request, id));
    std::array<std::uint8_t, ipc::max_frame_size> space{};
    const auto received = base::receive_datagram(channel_.get(), space);
    REQUIRE(received);
    const auto frame = ipc::parse_frame(base::Bytes{space}.first(received->size));
    REQUIRE(frame);
    CHECK(frame->request_id == id);
    auto reply = ipc::decode<Reply>(*frame);
    REQUIRE(reply);
    return std::move(*reply);
  }

  // The value of one line of /proc/PID/status, as the kernel sees the process.
  [[nodiscard]] std::string kernel_status(const std::string& key) const {
    const auto text = base::read_file("/proc/" + std::to_string(child_.pid) + "/status");
    REQUIRE(text);
    const auto at = text->find("\n" + key + ":\t") + key.size() + 3;
    return text->substr(at, text->find('\n', at) - at);
  }

  void hang_up() { channel_.close(); }
  [[nodiscard]] base::ExitResult end() { return *base::wait_for(child_); }
  void signal(int number) { REQUIRE(base::send_signal(child_, number)); }

 private:
  base::Fd channel_;
  base::Child child_;
};

// After its first reply a role has given everything up.
inline void check_confined(const RoleProgram& role) {
  CHECK(role.kernel_status("NoNewPrivs") == "1");
  CHECK(role.kernel_status("CapEff") == "0000000000000000");
  CHECK(role.kernel_status("CapPrm") == "0000000000000000");
  CHECK(role.kernel_status("Seccomp") == (base::sandbox_possible ? "2" : "0"));
  CHECK_FALSE(role.kernel_status("Uid").starts_with("0\t"));
}

}  // namespace gnomon::testing
