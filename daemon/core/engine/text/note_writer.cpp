// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/text/note_writer.hpp"

#include <fmt/format.h>

#include "base/address.hpp"

namespace gnomon::engine {

namespace {

using base::LogEvent;
using base::LogField;

std::string called(const SourceNames& s) {
  if (s.address.empty()) return s.name;
  if (s.name.empty() || s.name == s.address) return s.address;
  return fmt::format("{} ({})", s.address, s.name);
}

// A limit of the configuration, with the three digits of chrony, and more where it has more.
std::string as_configured(base::Seconds limit) {
  auto text = fmt::format("{:.9f}", limit.count());
  const auto shortest = text.find('.') + 4;
  while (text.size() > shortest && text.back() == '0') text.pop_back();
  return text;
}

}  // namespace

NoteWriter::NoteWriter(const SourceNames& source) : source_(source), who_(called(source)) {}

std::string NoteWriter::former_address() const {
  return source_.address.empty() ? source_.name : source_.address;
}

Message NoteWriter::operator()(const note::SelectedSource&) const {
  return {LogEvent::selected_source, "Selected source " + who_, {}};
}

Message NoteWriter::operator()(const note::NoSelectableSources& n) const {
  return {LogEvent::no_selectable_sources,
          fmt::format("Can't synchronise: {} selectable sources ({} unreachable sources); `gnomonctl "
                      "selectdata` gives the reason for each",
                      n.lack, n.unreachable),
          {{LogField::count, n.unreachable}}};
}

Message NoteWriter::operator()(const note::NoMajority& n) const {
  const auto* const kind = n.trusted ? "trusted " : "";
  const std::string vote = n.agreeing < 2
                               ? fmt::format("no agreement among {} {}sources", n.voters, kind)
                               : fmt::format("only {} of {} {}sources agree", n.agreeing, n.voters, kind);
  return {LogEvent::no_majority,
          fmt::format("Can't synchronise: no majority ({}); compare them with `gnomonctl sources` and remove "
                      "those that are wrong",
                      vote),
          {{LogField::count, n.voters}}};
}

Message NoteWriter::operator()(const note::RootDistanceExceeded& n) const {
  return {LogEvent::root_distance_exceeded,
          fmt::format("Root distance of {} exceeds maxdistance of {} seconds: not used while it does", who_,
                      as_configured(n.limit)),
          {{LogField::bound, n.limit.count()}}};
}

Message NoteWriter::operator()(const note::JitterExceeded& n) const {
  return {LogEvent::jitter_exceeded,
          fmt::format("Jitter of {} exceeds maxjitter of {} seconds: not used while it does", who_,
                      as_configured(n.limit)),
          {{LogField::bound, n.limit.count()}}};
}

Message NoteWriter::operator()(const note::StratumRefused& n) const {
  return {LogEvent::stratum_refused,
          fmt::format("Stratum of {} {} of {}: not used while it is", who_,
                      n.stratum < n.limit ? "below minstratum" : "above maxstratum", n.limit),
          {{LogField::bound, static_cast<double>(n.limit)}}};
}

Message NoteWriter::operator()(const note::Falseticker& n) const {
  return {LogEvent::falseticker, "Detected falseticker " + who_, {{LogField::offset, n.offset.count()}}};
}

Message NoteWriter::operator()(const note::StartWasWrong&) const {
  return {LogEvent::start_was_wrong,
          "The clock was first set by " + who_ + ", which is a falseticker: corrected as at the start",
          {}};
}

Message NoteWriter::operator()(const note::SourceReachable&) const {
  return {LogEvent::source_reachable, "Source " + who_ + " reachable", {}};
}

Message NoteWriter::operator()(const note::SourceUnreachable&) const {
  return {LogEvent::source_unreachable,
          "Source " + who_ + " unreachable: eight polls in a row without a usable answer",
          {}};
}

Message NoteWriter::operator()(const note::SourceOnline&) const {
  return {LogEvent::source_online, "Source " + who_ + " online", {}};
}

Message NoteWriter::operator()(const note::SourceOffline&) const {
  return {LogEvent::source_offline, "Source " + who_ + " offline", {}};
}

Message NoteWriter::operator()(const note::SourceAddressChanged& n) const {
  return {LogEvent::source_address_changed,
          fmt::format("Source {} replaced with {} ({})", former_address(), n.address, source_.name),
          {{LogField::new_address, n.address}}};
}

Message NoteWriter::operator()(const note::SourceMoved& n) const {
  return {LogEvent::source_moved,
          fmt::format("Source {} changed to {} ({}), named by its NTS-KE server", former_address(), n.address,
                      source_.name),
          {{LogField::new_address, n.address}}};
}

Message NoteWriter::operator()(const note::SourceIsOurselves&) const {
  return {LogEvent::source_is_ourselves,
          "Source " + who_ + " is this daemon itself: its answers come from our own server, not used",
          {}};
}

Message NoteWriter::operator()(const note::SourceFollowsUs&) const {
  return {LogEvent::source_follows_us, "Source " + who_ + " follows us: not used while it does", {}};
}

Message NoteWriter::operator()(const note::KissReceived& n) const {
  return {LogEvent::kiss_received,
          fmt::format("Received KoD {} from {}", n.code, who_),
          {{LogField::reason, n.code}}};
}

Message NoteWriter::operator()(const note::ResolveFailed& n) const {
  const double next = base::to_seconds(n.next_try).count();
  std::string text;
  if (n.host.empty())
    text =
        fmt::format("Could not resolve address of {}: {}; next try in {:.0f} s. Check the name and the DNS",
                    source_.name, n.reason, next);
  else if (base::parse_address(n.host))
    text = fmt::format(
        "The NTS-KE server of {} names the NTP server {}, which -4, -6 or the source's own option leaves "
        "out; next try in {:.0f} s",
        source_.name, n.host, next);
  else
    text = fmt::format(
        "Could not resolve address of {}, the NTP server that the NTS-KE server of {} names: {}; next try in "
        "{:.0f} s. Check the DNS",
        n.host, source_.name, n.reason, next);
  return {
      LogEvent::resolve_failed, std::move(text), {{LogField::next_try, next}, {LogField::reason, n.reason}}};
}

Message NoteWriter::operator()(const note::HistoryDropped&) const {
  return {LogEvent::history_dropped,
          "The samples kept of " + who_ +
              " across the restart are dropped: the first new one does not agree with them, so the clock was "
              "set or drifted in the meantime",
          {}};
}

}  // namespace gnomon::engine
