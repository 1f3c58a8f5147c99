// SPDX-License-Identifier: GPL-2.0-or-later
// The memory of events as an earlier core may have left it: nothing beyond it is read, what is taken from it
// is text, and it can be gone on with.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "daemon/core/events/event_fields.hpp"
#include "daemon/core/events/event_ring.hpp"

using namespace gnomon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(core::event_fields({data, size}));
  std::vector<std::uint64_t> words(size / 8);
  const std::span memory{reinterpret_cast<std::uint8_t*>(words.data()), words.size() * 8};  // NOLINT: octets
  std::copy_n(data, memory.size(), memory.begin());
  core::EventRing ring{memory};
  for (auto each = ring.oldest(); each < ring.next(); ++each) {
    const auto event = ring.find(each);
    if (!event) std::abort();
    for (const auto& field : core::event_fields(event->fields))
      if (core::readable(field.value) != field.value) std::abort();
  }
  constexpr std::string_view fields = "MESSAGE=new\n";
  const auto number = ring.next();
  ring.add({}, base::as_bytes(fields));
  const auto added = ring.find(number);
  if (added && !std::ranges::equal(added->fields, base::as_bytes(fields))) std::abort();
  return 0;
}
