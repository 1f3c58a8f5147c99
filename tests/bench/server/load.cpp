// SPDX-License-Identifier: GPL-2.0-or-later
// Asks an NTP server as fast as it answers, plain or with NTS, and prints how many answers came in how many
// seconds, and how many did not come. Needs no key exchange: it has the server's key file and seals its
// cookies itself. It does not sleep: waking it would be charged to the one who answers, and be a fifth of an
// answer. And it gives the kernel a batch of requests as one large datagram to cut up, or it would be busier
// than the server.
//   server-load ADDRESS PORT MILLISECONDS plain | nts COOKIES KEYFILE
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sched.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/address.hpp"
#include "base/os/fd.hpp"
#include "base/os/file.hpp"
#include "base/os/random.hpp"
#include "base/os/socket.hpp"
#include "protocol/nts/cookie.hpp"
#include "protocol/nts/protection.hpp"

using namespace gnomon;
using namespace gnomon::protocol;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t batch = 32;
constexpr std::size_t different = 512;  // requests, sent in turn
static_assert(different % batch == 0);
constexpr std::size_t outstanding = 96;  // at most: the server's socket buffer holds them

// AEAD 15 for session and cookies, which every chrony has.
class NtsRequests {
 public:
  NtsRequests(const std::string& key_file, std::size_t cookies) : placeholders_(cookies - 1) {
    const auto text = base::read_file(key_file);
    if (!text) throw std::runtime_error{key_file + ": " + base::to_string(text.error())};
    auto file = parse_key_file(*text);
    if (!file) throw std::runtime_error{key_file + ": " + file.error()};
    sealer_.emplace(file->set);
    base::fill_random(c2s_);
    base::fill_random(s2c_);
  }
  [[nodiscard]] base::Buffer make(const Header& header) const {
    const SessionKeys keys{AeadId::aes_siv_cmac_256, base::Secret{c2s_}, base::Secret{s2c_}};
    NonceEntropy nonce;
    base::fill_random(nonce);
    base::Buffer cookie(sealer_->cookie_size(keys.aead));
    if (!sealer_->seal(keys, nonce, cookie)) throw std::runtime_error{"no cookie can be sealed"};
    UniqueIdentifier id;
    base::fill_random(id);
    return protect_request(header, id, cookie, placeholders_, *Aead::make(keys.aead, c2s_), nonce);
  }

 private:
  std::size_t placeholders_;
  std::optional<CookieSealer> sealer_;
  std::array<std::uint8_t, 32> c2s_{};
  std::array<std::uint8_t, 32> s2c_{};
};

base::Buffer plain_request(const Header& header) {
  base::Buffer request(header_size);
  base::ByteWriter writer{request};
  write_header(header, writer);
  return request;
}

std::vector<base::Buffer> make_requests(const std::vector<std::string>& words) {
  std::optional<NtsRequests> nts;
  if (words.at(3) == "nts") nts.emplace(words.at(5), std::stoul(words.at(4)));
  std::vector<base::Buffer> requests;
  for (std::size_t i = 0; i < different; ++i) {
    Header header;
    header.transmit = base::NtpTimestamp{i + 1};
    requests.push_back(nts ? nts->make(header) : plain_request(header));
  }
  return requests;
}

base::Fd connect_to(const std::string& address, std::uint16_t port) {
  const auto parsed = base::parse_address(address);
  if (!parsed) throw std::runtime_error{"not an address: " + address};
  const auto remote = base::to_socket_address({*parsed, port});
  base::Fd socket{::socket(remote.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (!socket || ::connect(socket.get(), remote.get(), remote.size) != 0)
    throw std::runtime_error{"cannot reach " + address};
  return socket;
}

// Side by side, as all are of one size.
base::Buffer joined(const std::vector<base::Buffer>& requests) {
  base::Buffer all;
  for (const auto& each : requests) all.insert(all.end(), each.begin(), each.end());
  return all;
}

class Load {
 public:
  Load(base::Fd socket, const std::vector<base::Buffer>& requests)
      : socket_(std::move(socket)), size_(requests.front().size()), requests_(joined(requests)) {
    const int size = static_cast<int>(size_);
    if (setsockopt(socket_.get(), IPPROTO_UDP, UDP_SEGMENT, &size, sizeof size) != 0)
      throw std::runtime_error{"the kernel cuts no datagrams up"};
    for (std::size_t i = 0; i < outstanding; ++i) {
      places_.at(i) = {answers_.at(i).data(), answers_.at(i).size()};
      in_.at(i).msg_hdr.msg_iov = &places_.at(i);
      in_.at(i).msg_hdr.msg_iovlen = 1;
    }
  }
  void run(Clock::time_point end) {
    constexpr auto patience = std::chrono::milliseconds{50};
    std::size_t waiting = 0;
    auto last = Clock::now();
    for (auto now = last; now < end; now = Clock::now()) {
      if (waiting + batch <= outstanding) waiting += send();
      if (const auto got = receive()) {
        waiting -= std::min(waiting, got);
        answered_ += got;
        last = now;
      } else if (now - last > patience) {
        lost_ += waiting;
        waiting = 0;
        last = now;
      } else {
        sched_yield();
      }
    }
  }
  [[nodiscard]] std::uint64_t answered() const { return answered_; }
  [[nodiscard]] std::uint64_t lost() const { return lost_; }

 private:
  std::size_t send() {
    const auto octets = base::Bytes{requests_}.subspan(next_ * size_, batch * size_);
    next_ = (next_ + batch) % different;
    return ::send(socket_.get(), octets.data(), octets.size(), 0) < 0 ? 0 : batch;
  }
  // Answers without their cookies are NAKs: the server's keys are not those of the file.
  std::size_t receive() {
    const int got = recvmmsg(socket_.get(), in_.data(), outstanding, MSG_DONTWAIT, nullptr);
    if (got <= 0) return 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i)
      if (in_.at(i).msg_len < size_) throw std::runtime_error{"the server refuses the cookies"};
    return static_cast<std::size_t>(got);
  }

  base::Fd socket_;
  std::size_t size_;
  base::Buffer requests_;
  std::array<mmsghdr, outstanding> in_{};
  std::array<iovec, outstanding> places_{};
  std::array<std::array<std::uint8_t, max_datagram_size>, outstanding> answers_{};
  std::size_t next_ = 0;
  std::uint64_t answered_ = 0;
  std::uint64_t lost_ = 0;
};

void run(const std::vector<std::string>& words) {
  const auto port = static_cast<std::uint16_t>(std::stoul(words.at(1)));
  const auto load = std::make_unique<Load>(connect_to(words.at(0), port), make_requests(words));
  const auto begin = Clock::now();
  load->run(begin + std::chrono::milliseconds{std::stoul(words.at(2))});
  const std::chrono::duration<double> took = Clock::now() - begin;
  fmt::print("{} {} {}\n", load->answered(), took.count(), load->lost());
}

}  // namespace

int main(int count, char** arguments) {
  try {
    run({arguments + 1, arguments + count});
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "server-load: {}\n", error.what());
    return 1;
  }
}
