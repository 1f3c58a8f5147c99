// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/text/messages.hpp"

#include <array>

#include "daemon/core/engine/text/note_writer.hpp"

namespace gnomon::engine {

namespace {

using base::LogField;

struct ReasonName {
  Reason reason;
  char letter;
  std::string_view name;
};
constexpr std::array<ReasonName, 17> reasons{{{Reason::best, '*', "best"},
                                              {Reason::combined, '+', "combined"},
                                              {Reason::no_select, 'N', "no_select"},
                                              {Reason::missing_samples, 'M', "missing_samples"},
                                              {Reason::unsynchronised, 's', "unsynchronised"},
                                              {Reason::stratum_out_of_range, 'r', "stratum_out_of_range"},
                                              {Reason::distance_too_large, 'd', "distance_too_large"},
                                              {Reason::too_jittery, '~', "too_jittery"},
                                              {Reason::waits_for_others, 'w', "waits_for_others"},
                                              {Reason::stale, 'S', "stale"},
                                              {Reason::orphan, 'O', "orphan"},
                                              {Reason::not_agreed_by_trusted, 'T', "not_agreed_by_trusted"},
                                              {Reason::falseticker, 'x', "falseticker"},
                                              {Reason::waits_for_more, 'W', "waits_for_more"},
                                              {Reason::not_preferred, 'P', "not_preferred"},
                                              {Reason::provisional, 'p', "provisional"},
                                              {Reason::distant, 'D', "distant"}}};

const ReasonName& entry(Reason reason) {
  for (const auto& r : reasons)
    if (r.reason == reason) return r;
  return reasons.front();
}

}  // namespace

std::string_view name_of(Reason reason) {
  return entry(reason).name;
}

char letter_of(Reason reason) {
  return entry(reason).letter;
}

Message message_for(const Note& note, const SourceNames& source) {
  Message message = std::visit(NoteWriter{source}, note.subject);
  if (!source.name.empty()) message.fields.emplace_back(LogField::source, source.name);
  if (!source.address.empty()) message.fields.emplace_back(LogField::address, source.address);
  return message;
}

}  // namespace gnomon::engine
