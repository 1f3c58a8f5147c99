// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/text/messages.hpp"

#include "daemon/core/engine/text/note_writer.hpp"

namespace gnomon::engine {

namespace {

using base::LogField;

struct ReasonName {
  char letter = '?';  // of selectdata
  std::string_view name;
};

// Without a default: the compiler finds a reason that has no row.
ReasonName words_for(Reason reason) {
  switch (reason) {
    case Reason::best:
      return {'*', "best"};
    case Reason::combined:
      return {'+', "combined"};
    case Reason::no_select:
      return {'N', "no_select"};
    case Reason::missing_samples:
      return {'M', "missing_samples"};
    case Reason::unsynchronised:
      return {'s', "unsynchronised"};
    case Reason::stratum_out_of_range:
      return {'r', "stratum_out_of_range"};
    case Reason::distance_too_large:
      return {'d', "distance_too_large"};
    case Reason::too_jittery:
      return {'~', "too_jittery"};
    case Reason::waits_for_others:
      return {'w', "waits_for_others"};
    case Reason::stale:
      return {'S', "stale"};
    case Reason::orphan:
      return {'O', "orphan"};
    case Reason::not_agreed_by_trusted:
      return {'T', "not_agreed_by_trusted"};
    case Reason::falseticker:
      return {'x', "falseticker"};
    case Reason::waits_for_more:
      return {'W', "waits_for_more"};
    case Reason::not_preferred:
      return {'P', "not_preferred"};
    case Reason::provisional:
      return {'p', "provisional"};
    case Reason::distant:
      return {'D', "distant"};
  }
  return {};
}

}  // namespace

std::string_view name_of(Reason reason) {
  return words_for(reason).name;
}

char letter_of(Reason reason) {
  return words_for(reason).letter;
}

Message message_for(const Note& note, const SourceNames& source) {
  Message message = std::visit(NoteWriter{source}, note.subject);
  if (!source.name.empty()) message.fields.emplace_back(LogField::source, source.name);
  if (!source.address.empty()) message.fields.emplace_back(LogField::address, source.address);
  return message;
}

}  // namespace gnomon::engine
