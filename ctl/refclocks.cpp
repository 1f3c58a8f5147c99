// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/refclocks.hpp"

#include <array>

#include <boost/json/array.hpp>

#include "base/enum_words.hpp"

namespace gnomon::ctl {

namespace {

constexpr std::array kinds{base::EnumWord{ClockKind::pps, "PPS"}, base::EnumWord{ClockKind::phc, "PHC"},
                           base::EnumWord{ClockKind::rtc, "RTC"}, base::EnumWord{ClockKind::shm, "SHM"}};

}  // namespace

Reply refclocks_reply(const std::vector<FoundClock>& clocks) {
  boost::json::array list;
  for (const auto& clock : clocks)
    list.push_back(boost::json::object{{"kind", base::word_of(kinds, clock.kind)},
                                       {"device", clock.device},
                                       {"name", clock.name},
                                       {"line", clock.line},
                                       {"remark", clock.remark}});
  return {{"clocks", std::move(list)}};
}

}  // namespace gnomon::ctl
