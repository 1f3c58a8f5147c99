// SPDX-License-Identifier: GPL-2.0-or-later
// What decodes, encodes to the same octets again: every message type has exactly one form.
#include <algorithm>
#include <cstdlib>

#include "ipc/codec.hpp"

using namespace gnomon;

namespace {

template <class M>
void check(const ipc::Frame& frame, base::Bytes datagram) {
  const auto message = ipc::decode<M>(frame);
  if (!message) return;
  if (!std::ranges::equal(ipc::encode(*message, frame.request_id), datagram)) std::abort();
}

template <class... M>
void check_all(const ipc::Frame& frame, base::Bytes datagram) {
  (check<M>(frame, datagram), ...);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes datagram{data, size};
  const auto frame = ipc::parse_frame(datagram);
  if (!frame) return 0;
  using namespace ipc;
  check_all<ReadClock, Adjust, Step, SetStatus, ClockReading, Adjusted, ClockRefused, SealCookies,
            SealedCookies, SealRefused, SessionsEnded, CertificateFacts, CertificatesUnusable,
            CertificatesRefused, Retire, HostAddresses, AddAccessRule, Establish, Established,
            EstablishFailed, Resolve, Resolved, ResolveFailed, NameFilesChanged, Ready, Status, Finished,
            ReplaceKeServers, Stop, Reload, Ping, Alive, KeySecretOpened, RoleConnected, WantRole,
            ReleaseRole, TrustChanged, MessageWritten, OpenSources, SourcesOpened, SourcesEnd,
            OpenSymmetricKeys, SymmetricKeysOpened, OpenFile, FileOpened, SendMail, OpenSigndSocket,
            SigndSocketOpened, CycleLogFile, OpenNtpSockets, NtpSocketOpened, OpenPeerSockets,
            PeerSocketOpened, RefclockReadings, ReadMetrics, MetricsPart, ReadRtc, SetRtc, RtcAnswer, RtcTick,
            OpenNics, NicOpened, Inspect, Inspected, ProbeKeys, ProbeExchange, ProbeAnswer, ProbeBurst,
            ProbeBurstAnswer, ReadConfiguration, NextConfigurationPart, UseConfiguration, ReloadEnd,
            ConfigurationError, ConfigurationChange, ConfigurationLine, ConfigurationEnd, ConfigurationUsed,
            CommandRequest, CommandReply>(*frame, datagram);
  return 0;
}
