// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <type_traits>

#include "base/journal_datagram.hpp"
#include "base/os/clocks.hpp"
#include "base/os/log.hpp"
#include "base/os/shared_memory.hpp"

namespace gnomon::base {

namespace {

constexpr timeval journal_timeout{.tv_sec = 0, .tv_usec = 50'000};
constexpr std::string_view journal_path = "/run/systemd/journal/socket";

Fd open_journal() {
  Fd journal{socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::ranges::copy(journal_path, static_cast<char*>(address.sun_path));
  // A journal that hangs must not hold up a clock.
  setsockopt(journal.get(), SOL_SOCKET, SO_SNDTIMEO, &journal_timeout, sizeof journal_timeout);
  if (!journal || connect(journal.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return {};
  return journal;
}

// What a process of another version wrote is not looked at; of zeros: nobody has written yet.
struct Kept {
  std::uint64_t layout = 0;
  LogThrottle guard;
};
static_assert(sizeof(Kept) <= log_memory_size && std::is_trivially_copyable_v<Kept>);
constexpr std::uint64_t layout = std::uint64_t{event_count} << 32U | sizeof(Kept);

// The message with what was left out behind it.
class Extended {
 public:
  Extended(std::string_view text, std::uint32_t left_out, Duration over) {
    const auto minutes = std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::minutes>(over).count());
    size_ = std::ranges::copy(text.substr(0, longest_text), text_.data()).out - text_.data();
    size_ += std::snprintf(text_.data() + size_, text_.size() - static_cast<std::size_t>(size_),
                           " (and %u more like this in the last %lld minute%s)", left_out,
                           static_cast<long long>(minutes), minutes == 1 ? "" : "s");
  }
  [[nodiscard]] std::string_view text() const { return {text_.data(), static_cast<std::size_t>(size_)}; }

 private:
  static constexpr std::size_t longest_text = 1900;
  std::array<char, longest_text + 100> text_{};
  std::ptrdiff_t size_ = 0;
};

}  // namespace

ProcessLog::ProcessLog(std::string_view role, LogLevel most_verbose)
    : role_(role), most_verbose_(most_verbose) {
  look_at_stderr();
}

ProcessLog::~ProcessLog() {
  report_all_suppressed();
}

void ProcessLog::report_all_suppressed() {
  while (const auto late = guard_->next_left_out(read_now().mono)) tell(*late);
}

void ProcessLog::remember_in(int memory) {
  auto* const kept = static_cast<Kept*>(map_shared_memory(memory, log_memory_size));
  if (kept == nullptr) return;
  guard_ = &kept->guard;
  if (kept->layout == layout)
    guard_->begin_again(read_now().mono);
  else
    *kept = Kept{.layout = layout, .guard = own_guard_};
}

void ProcessLog::look_at_stderr() {
  format_ = log_format_of(STDERR_FILENO);
  journal_ = format_ == LogFormat::journal ? open_journal() : Fd{};
}

// Or nowhere: there is still standard error.
void ProcessLog::move_journal() {
  if (!journal_ || journal_.get() == journal_descriptor) return;
  journal_ = Fd{dup3(journal_.get(), journal_descriptor, O_CLOEXEC)};
}

void ProcessLog::take(const LogMessage& message) {
  if (traits_of(message.event).level > most_verbose_) return;
  const auto verdict = guard_->judge(message, read_now().mono);
  if (verdict.write) put(message, verdict.left_out, verdict.over);
  report_suppressed();
}

void ProcessLog::report_suppressed() {
  while (const auto late = guard_->next_late(read_now().mono)) tell(*late);
}

void ProcessLog::tell(const LogThrottle::Late& late) {
  const std::array source{FieldValue{LogField::source, late.source}};
  const auto fields = std::span{source}.first(late.source.empty() ? 0 : 1);
  put({late.event, late.text, fields}, late.left_out, late.over);
}

void ProcessLog::put(const LogMessage& message, std::uint32_t left_out, Duration over) {
  auto told = message;
  std::optional<Extended> extended;
  if (left_out > 0) told.text = extended.emplace(message.text, left_out, over).text();
  JournalDatagram datagram;
  if (journal_ || listener_ != nullptr) add_message(datagram, role_, told, left_out);
  if (!journal_ || !reaches_journal(datagram.bytes()))
    StreamLog{STDERR_FILENO, format_, most_verbose_}.take(told);
  if (listener_ != nullptr) listener_->on_written(datagram.bytes());
}

bool ProcessLog::reaches_journal(Bytes fields) const {
  return sendto(journal_.get(), fields.data(), fields.size(), MSG_NOSIGNAL, nullptr, 0) >= 0;
}

}  // namespace gnomon::base
