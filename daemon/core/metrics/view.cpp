// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/metrics/view.hpp"

#include <map>
#include <tuple>
#include <utility>

namespace gnomon::core::metrics {

namespace {

constexpr std::uint16_t usual_port = 123;

}  // namespace

std::vector<Source> told_apart(std::vector<control::SourceReport> reports) {
  std::map<std::tuple<std::string, std::string, std::string>, int> known;
  std::vector<Source> sources;
  sources.reserve(reports.size());
  for (auto& report : reports) {
    const auto& association = report.association;
    Source source{.report = {}, .address = {}, .port = {}, .repeat = {}};
    if (association.address.is_specified()) source.address = base::to_string(association.address);
    if (!association.is_refclock() && association.port != usual_port)
      source.port = std::to_string(association.port);
    const int before = known[{association.name, source.address, source.port}]++;
    if (before > 0) source.repeat = std::to_string(before + 1);
    source.report = std::move(report);
    sources.push_back(std::move(source));
  }
  return sources;
}

}  // namespace gnomon::core::metrics
