// SPDX-License-Identifier: GPL-2.0-or-later
// What other programs give gnomon-refclock, SOCK datagrams and shared memory, becomes a reading that the core
// would accept, or nothing. The first octet chooses; of a segment three more octets are its counts.
#include "helpers/refclock/parameter.hpp"
#include "helpers/refclock/shm_segment.hpp"
#include "helpers/refclock/sock_sample.hpp"
#include "ipc/codec.hpp"
#include "tests/fuzz/require.hpp"

#include <array>
#include <string_view>

using namespace gnomon;
using namespace gnomon::refclock;

namespace {

void require_legal(const ipc::RefclockReading& reading) {
  const ipc::RefclockReadings message{{{.index = 3, .polled = true, .at = {}, .readings = {reading}}}};
  const auto datagram = ipc::encode(message, 0);
  const auto frame = ipc::parse_frame(datagram);
  require(frame.has_value());
  const auto read = ipc::decode<ipc::RefclockReadings>(*frame);
  require(read && read->polls.front().readings.front() == reading);
}

void look_at(base::Bytes input) {
  if (input.size() < 3) return;
  const ShmCounts counts{.before = input[0], .after = input[1]};
  const auto segment = input.subspan(3);  // the inputs that are kept have an octet before it
  for (const auto& layout : {shm_64, shm_32_time_64, shm_32}) {
    const auto look = look_at_shm(segment, layout, counts);
    require(look.state == ShmState::unusable || segment.size() >= layout.size);
    if (look.state == ShmState::reading) require_legal(look.reading);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const base::Bytes input = base::Bytes{data, size}.subspan(1);
  if (data[0] % 3 == 0) {
    if (const auto reading = parse_sock_sample(input)) require_legal(*reading);
  } else if (data[0] % 3 == 1) {
    look_at(input);
  } else {
    constexpr std::array<std::string_view, 2> known{"perm", "clear"};
    const std::string text(input.begin(), input.end());
    const auto parameter = parse_parameter(text, known);
    if (parameter) require(text.starts_with(parameter->name) && !parameter->name.contains(':'));
  }
  return 0;
}
