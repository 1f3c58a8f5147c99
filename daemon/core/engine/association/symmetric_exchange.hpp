// SPDX-License-Identifier: GPL-2.0-or-later
// What we and a peer tell each other in symmetric mode (RFC 5905 section 8, RFC 9769 section 3): both send
// when their own polls are due, and each packet answers the last one of the other. Owned by its association.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/ntp_time.hpp"
#include "base/units.hpp"
#include "daemon/core/engine/association/client_request.hpp"
#include "daemon/core/engine/association/entropy.hpp"
#include "daemon/core/engine/association/events.hpp"
#include "daemon/core/engine/association/remote_scale.hpp"
#include "daemon/core/engine/association/sampling.hpp"
#include "protocol/mac/symmetric_keys.hpp"
#include "protocol/ntp/packet.hpp"

namespace gnomon::engine {

// Our clock as a peer is told of it.
struct PeerClock {
  protocol::Header header;  // as serving/clock_header.hpp has it
  // What is to be added to a reading of our clock, the present one or an earlier one, so that it is as if the
  // clock had run evenly and right all the time: by what is known now. Empty: nothing.
  std::function<base::Duration(base::RealTime)> correction{};
  // The same clock without its corrections, for the extension field F323: what is to be added to its time,
  // root values and epoch.
  base::Duration uncorrected{};
  protocol::MonotonicRoot monotonic{};
  [[nodiscard]] base::RealTime corrected(base::RealTime reading) const {
    return correction ? reading + correction(reading) : reading;
  }
};

// What the next packet is to be like.
struct PeerPacketPlan {
  PeerClock clock;
  std::uint8_t version = 4;
  std::shared_ptr<const protocol::SymmetricKey>
      key{};  // of the MAC, here and on what is accepted; null: none
  base::PollExponent poll{};
  bool interleaved = false;       // as far as the state of the protocol allows
  protocol::Extensions wished{};  // extension fields, here and in what comes; without values
};

// What one packet is to us.
struct PeerReception {
  ResponseCheck check;  // `answer`: valid, and the first since we sent
  // Of an answer: the exchange that it completes.
  std::optional<Exchanged> exchanged{};
  bool echo = false;  // it is our own last packet, from our own address
};

class SymmetricExchange {
 public:
  // now: a reading as close as can be to the moment of sending.
  [[nodiscard]] base::Buffer next_packet(const PeerPacketPlan& plan, base::RealTime now,
                                         const StepEntropy& entropy);
  // A packet of the peer's address and port. It is an answer only if it has the timestamps of our last packet
  // (RFC 5905 tests 1 to 3) and its MAC, if a key is used; no other changes what we measure. `poll`: our own.
  [[nodiscard]] PeerReception receive(const Received& event, base::PollExponent poll);
  // What came of the last answer. good: a sample.
  void measured(bool good);
  // Timestamps of before are of another clock or peer.
  void restart();

  // --- what is known of the peer, by its last answer
  [[nodiscard]] bool answered() const { return answered_; }  // since we last sent
  [[nodiscard]] bool has_sent() const { return !sent_.transmit.is_zero(); }
  [[nodiscard]] std::optional<base::PollExponent> remote_poll() const { return remote_poll_; }
  [[nodiscard]] int remote_stratum() const { return remote_stratum_; }  // 16: unsynchronised

 private:
  struct Heard {
    protocol::Header header;
    Stamp received;
    bool synchronised = false;  // its timestamps are worth something
    protocol::Extensions extensions{};
  };
  struct Left {
    Stamp at;
    std::optional<base::Seconds> correction{};  // of the network, as the peer has it
  };
  struct Sent {  // as in our last packet; zero: none
    base::NtpTimestamp receive;
    base::NtpTimestamp transmit;
  };
  [[nodiscard]] bool is_authentic(const protocol::Packet& packet, base::Bytes datagram) const;
  [[nodiscard]] std::uint16_t judge(const protocol::Header& header, bool authentic,
                                    protocol::AnswerMode& mode) const;
  [[nodiscard]] protocol::Extensions own_extensions(const PeerPacketPlan& plan, const Heard* answered) const;
  // The packet that the next one of ours answers; null: none.
  [[nodiscard]] const Heard* to_answer() const;
  void remember(const ResponseCheck& check, const Received& event);
  [[nodiscard]] Exchanged exchanged(const ResponseCheck& check, const Received& event) const;
  void interleave(Exchanged& exchanged, const Received& event) const;
  void take_earlier_request(Exchanged& exchanged) const;
  [[nodiscard]] bool may_have_missed(const Exchanged& exchanged, const protocol::Header& header) const;

  bool interleaves_ = false;
  std::shared_ptr<const protocol::SymmetricKey> key_;
  Sent sent_;
  protocol::Extensions wished_;
  std::optional<Left> left_;         // when our last packet left, known with the answer to it
  std::optional<Left> left_before_;  // the same of the packet before, unless a sample has been made of it
  bool answered_ = false;
  int sent_since_answer_ = 0;         // packets
  int sent_before_answer_ = 0;        // between the last two answers
  std::optional<Heard> heard_;        // the last valid packet
  std::optional<Heard> first_heard_;  // the last one that only did not answer ours: how the protocol begins
  bool first_heard_anew_ = false;     // since we last sent

  std::optional<base::PollExponent> remote_poll_;
  int remote_stratum_ = 16;
  base::PollExponent poll_before_{};  // ours, at the last answer
  bool interleaved_answer_ = false;   // the last answer was
};

}  // namespace gnomon::engine
