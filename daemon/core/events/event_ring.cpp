// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/events/event_ring.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace gnomon::core {

namespace {

constexpr std::uint64_t layout = 0x31474e5249564547;  // another one is another version's

// At the beginning of the memory.
struct Header {
  std::uint64_t layout = 0;
  std::uint64_t size = 0;   // of the memory
  std::uint64_t next = 0;   // number of the next event
  std::uint64_t count = 0;  // of events that are kept
  std::uint64_t tail = 0;   // offset of the oldest
  std::uint64_t head = 0;   // where the next one goes
};

// Before the fields of each.
struct RecordHeader {
  std::uint32_t field_size = 0;
  std::uint32_t mark = 0;  // 0: nothing here, the next one is at the beginning
  std::uint64_t sequence = 0;
  std::int64_t real = 0;
  std::int64_t mono = 0;
};

constexpr std::uint32_t record_mark = 0x45564e54;
constexpr std::uint32_t first_place = sizeof(Header);
constexpr std::size_t largest_memory = std::numeric_limits<std::uint32_t>::max() / 2;

constexpr std::uint32_t space_for(std::size_t field_size, std::size_t header = sizeof(RecordHeader)) {
  return static_cast<std::uint32_t>((header + field_size + 7) / 8 * 8);
}

// Nobody else reads it: where the events are is known without, and when they were is not kept (at is zero).
constexpr std::uint32_t header_for(EventRing::Reader reader) {
  return reader == EventRing::Reader::nobody_else ? 0 : sizeof(RecordHeader);
}

template <class T>
T read(std::span<const std::uint8_t> memory, std::uint32_t offset) {
  T value;
  std::memcpy(&value, memory.data() + offset, sizeof value);
  return value;
}

template <class T>
void write(std::span<std::uint8_t> memory, std::uint32_t offset, const T& value) {
  std::memcpy(memory.data() + offset, &value, sizeof value);
}

}  // namespace

EventRing::EventRing(std::span<std::uint8_t> memory, Reader reader)
    : memory_(memory.first(std::min(memory.size(), largest_memory) / 8 * 8)),
      reader_(reader),
      head_(first_place) {
  if (memory_.size() < first_place + space_for(0)) memory_ = {};
  if (!memory_.empty() && reader_ == Reader::later_process) adopt();
}

// From the oldest on, one after the other as they are numbered; anything else, and none of it counts.
void EventRing::adopt() {
  const auto header = read<Header>(memory_, 0);
  constexpr std::uint64_t last_number = std::uint64_t{1} << 62U;
  const bool is_ours = header.layout == layout && header.next >= 1 && header.next < last_number;
  if (is_ours) next_ = header.next;
  if (!is_ours || header.size != memory_.size() || header.count >= header.next ||
      header.count > memory_.size() / space_for(0) || header.tail > memory_.size() ||
      header.head > memory_.size())
    return write_header();
  auto at = static_cast<std::uint32_t>(header.tail);
  for (std::uint64_t number = header.next - header.count; number < header.next; ++number) {
    const auto place = look(at, number);
    if (!place) {
      kept_.clear();
      return write_header();
    }
    kept_.push_back(*place);
    at = after(*place);
  }
  if (!kept_.empty()) head_ = at;
  write_header();
}

std::optional<EventRing::Place> EventRing::look(std::uint32_t offset, std::uint64_t sequence) const {
  const auto fits = [this](std::uint64_t at) {
    return at % 8 == 0 && at >= first_place && at + sizeof(RecordHeader) <= memory_.size();
  };
  // Where none fits, or none is, they go on at the beginning.
  if (!fits(offset) || read<RecordHeader>(memory_, offset).mark != record_mark) offset = first_place;
  const auto record = read<RecordHeader>(memory_, offset);
  const bool whole =
      record.field_size <= memory_.size() && offset + space_for(record.field_size) <= memory_.size();
  if (record.mark != record_mark || record.sequence != sequence || !whole) return std::nullopt;
  return Place{offset, record.field_size};
}

std::uint32_t EventRing::after(const Place& place) const {
  return place.offset + space_for(place.field_size);
}

// The oldest ones that begin in [begin, end) are forgotten.
void EventRing::free(std::uint32_t begin, std::uint32_t end) {
  while (!kept_.empty() && kept_.front().offset >= begin && kept_.front().offset < end) kept_.pop_front();
}

void EventRing::add(const base::Now& at, base::Bytes fields) {
  const auto sequence = next_;
  const auto size = static_cast<std::uint32_t>(memory_.size());
  const auto header = header_for(reader_);
  if (fields.size() > size || first_place + space_for(fields.size(), header) > size) {
    kept_.clear();  // numbers have no gaps
    head_ = first_place;
    ++next_;
    if (!memory_.empty()) write_header();
    return;
  }
  const auto space = space_for(fields.size(), header);
  if (head_ + space > size) {
    free(head_, size);
    if (header > 0 && head_ + header <= size) write(memory_, head_, RecordHeader{});
    head_ = first_place;
  }
  free(head_, head_ + space);
  write_header();  // a crash from here on loses only what is being overwritten
  if (header > 0)
    write(memory_, head_,
          RecordHeader{static_cast<std::uint32_t>(fields.size()), record_mark, sequence,
                       at.real.time_since_epoch().count(), at.mono.time_since_epoch().count()});
  // std::ranges::copy copies octet by octet.
  if (!fields.empty()) std::memcpy(memory_.data() + head_ + header, fields.data(), fields.size());
  kept_.push_back({head_, static_cast<std::uint32_t>(fields.size())});
  head_ += space;
  ++next_;
  write_header();
}

void EventRing::forget(std::uint64_t sequence) {
  while (!kept_.empty() && oldest() <= sequence) kept_.pop_front();
  if (kept_.empty()) head_ = first_place;
  if (!memory_.empty()) write_header();
}

void EventRing::write_header() {
  if (reader_ == Reader::nobody_else) return;
  const auto tail = kept_.empty() ? head_ : kept_.front().offset;
  write(memory_, 0, Header{layout, memory_.size(), next_, kept_.size(), tail, head_});
}

std::optional<StoredEvent> EventRing::find(std::uint64_t sequence) const {
  if (sequence < oldest() || sequence >= next_) return std::nullopt;
  const auto& place = kept_[sequence - oldest()];
  const auto header = header_for(reader_);
  StoredEvent event{
      .sequence = sequence, .at = {}, .fields = memory_.subspan(place.offset + header, place.field_size)};
  if (header == 0) return event;
  const auto record = read<RecordHeader>(memory_, place.offset);
  event.at = {.real = base::RealTime{base::Duration{record.real}},
              .mono = base::MonoTime{base::Duration{record.mono}}};
  return event;
}

}  // namespace gnomon::core
