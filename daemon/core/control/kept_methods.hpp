// SPDX-License-Identifier: GPL-2.0-or-later
// How what is kept is read out: in bounded replies one after the other, behind a number and since a time,
// once or for as long as more comes. Used by the methods Events, Measurements and Record.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "daemon/core/control/method.hpp"
#include "daemon/core/events/kept_log.hpp"

namespace gnomon::core::control {

// How many may follow one log at once; each of them keeps a connection.
inline constexpr std::size_t most_followers = 32;
// Of one reply, about.
inline constexpr std::size_t kept_reply_size = 128UL * 1024UL;

// A list in a reply is there when it is empty as well.
struct KeptKind {
  std::string_view none_kept;  // the sentence for who asks where nothing is kept
  void (*begin)(boost::json::object& lists);
  // Adds one of them to its list; the octets that it takes there, about.
  std::size_t (*add)(const StoredEvent& kept, const base::Now& now, boost::json::object& lists);
  // More may come for so long before what has come is sent: a reply for each costs more than what it says.
  base::Duration gather{};
  // Makes the replies that follow, in the place of the two above, where there are too many to make JSON
  // values of them first.
  std::string (*make_reply)(KeptQuery& query, const KeptLog& log) = nullptr;
  // What was sent is kept for nobody else.
  bool forgets = false;
};

// The query moves on to what is kept still; how many it has missed.
[[nodiscard]] std::uint64_t pass_over_lost(KeptQuery& query, const KeptLog& log);

// One reply with what is behind query.after, as much as fits; the query moves on to the last one.
// continues: more replies follow.
[[nodiscard]] std::string kept_reply(const KeptKind& kind, KeptQuery& query, const KeptLog& log,
                                     bool continues);
[[nodiscard]] inline bool has_news(const KeptQuery& query, const KeptLog& log) {
  return query.after + 1 < log.ring().next();
}

// log: null where nothing is kept.
[[nodiscard]] Answer list_kept(const KeptKind& kind, Parameters& parameters, const KeptLog* log);
[[nodiscard]] Answer follow_kept(const KeptKind& kind, Parameters& parameters, KeptLog* log);

}  // namespace gnomon::core::control
