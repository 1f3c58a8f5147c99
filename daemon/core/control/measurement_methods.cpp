// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/control/measurement_methods.hpp"

#include <array>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/overloaded.hpp"
#include "daemon/core/control/kept_methods.hpp"
#include "daemon/core/control/render.hpp"
#include "daemon/core/engine/text/messages.hpp"
#include "daemon/core/measurements/measurement_log.hpp"

namespace gnomon::core::control {

namespace json = boost::json;

namespace {

// In the order of the variant.
constexpr std::array lists_of{"measurements", "clock", "selections", "starts"};
static_assert(lists_of.size() == std::variant_size_v<Recorded>);

constexpr std::size_t rendered_size = 256;  // octets of one, about

void add_source(const RecordedSource& source, json::object& to) {
  to["name"] = source.name;
  if (source.address.is_specified()) {
    to["address"] = base::to_string(source.address);
    to["port"] = source.port;
  }
}

void put(const RecordedMeasurement& measured, json::object& to) {
  add_source(measured.source, to);
  to["offset"] = measured.offset.count();
  to["delay"] = measured.delay.count();
  to["error"] = measured.error.count();
  to["stratum"] = measured.stratum;
  to["used"] = measured.used;
  to["state"] = state_word(measured.state);
}

void put(const RecordedClock& clock, json::object& to) {
  if (clock.updated) to["offset"] = clock.offset.count();
  to["remaining"] = clock.remaining.count();
  if (clock.error_bound) to["error_bound"] = clock.error_bound->count();
  to["error_growth"] = clock.growth * 1e6;
  to["frequency"] = clock.frequency.value;
  to["skew"] = clock.skew.value;
  if (clock.step) to["step"] = clock.step->count();
  if (clock.slew_duration > base::Seconds{}) {
    to["slew"] = clock.slew.value;
    to["slew_duration"] = clock.slew_duration.count();
  }
}

void put(const RecordedSelection& selection, json::object& to) {
  add_source(selection.source, to);
  if (selection.state) to["state"] = state_word(*selection.state);
  to["reason"] = engine::name_of(selection.reason);
}

void put(const RecordedStart& /*start*/, json::object& /*to*/) {}

// What an earlier process has left and nobody can read is left out.
std::size_t add_measurement(const StoredEvent& kept, const base::Now& now, json::object& lists) {
  const auto recorded = decode_recorded(kept.fields);
  if (!recorded) return 0;
  const auto time = (now.real - (now.mono - kept.at.mono)).time_since_epoch();
  json::object one{{"sequence", kept.sequence}, {"time", base::to_seconds(time).count()}};
  std::visit([&one](const auto& each) { put(each, one); }, *recorded);
  lists.at(lists_of.at(recorded->index())).as_array().push_back(std::move(one));
  return rendered_size;
}

constexpr KeptKind measurements{
    .none_kept = "No measurements are kept here: measurementmemory is 0 in the configuration.",
    .begin =
        [](json::object& lists) {
          for (const auto* const name : lists_of) lists[name] = json::array{};
        },
    .add = add_measurement};

}  // namespace

Answer list_measurements(Parameters& parameters, Reporter& from) {
  return list_kept(measurements, parameters, from.measurements());
}

Answer follow_measurements(Parameters& parameters, Reporter& from) {
  return follow_kept(measurements, parameters, from.measurements());
}

}  // namespace gnomon::core::control
