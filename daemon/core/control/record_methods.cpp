// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/control/record_methods.hpp"

#include <chrono>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "daemon/core/control/kept_methods.hpp"
#include "daemon/core/control/recording.hpp"

namespace gnomon::core::control {

namespace json = boost::json;

namespace {

constexpr const char* list_name = "lines";

std::size_t add(const StoredEvent& kept, const base::Now& /*now*/, json::object& lists) {
  const std::string line{kept.fields.begin(), kept.fields.end()};
  lists.at(list_name).as_array().emplace_back(line);
  return line.size();
}

constexpr KeptKind lines{.none_kept = "",
                         .begin = [](json::object& lists) { lists[list_name] = json::array{}; },
                         .add = add,
                         .gather = std::chrono::seconds{1}};

}  // namespace

// A record is what happens from now on.
Answer record_once(Parameters& /*none*/, Reporter& /*from*/) {
  return refusal("io.gnomon.Control.Failed", {{"explanation", "Record is called with `more`."}});
}

Answer record(Parameters& /*none*/, Reporter& from) {
  const auto recording = from.begin_recording();
  if (!recording) return refusal("io.gnomon.Control.Failed", {{"explanation", recording.error().sentence}});
  json::array first;
  for (const auto& line : recording->lines) first.emplace_back(line);
  const auto last = recording->log->ring().next() - 1;
  const json::object reply{
      {"parameters", json::object{{"lost", 0}, {"last", last}, {list_name, std::move(first)}}},
      {"continues", true}};
  Answer answer{.text = json::serialize(reply) + '\0'};
  answer.then = AfterReply::follow;
  answer.following = {.kind = &lines,
                      .log = recording->log,
                      .query = {.after = last, .any = true},
                      .reader = recording->reader};
  return answer;
}

}  // namespace gnomon::core::control
