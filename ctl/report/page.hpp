// SPDX-License-Identifier: GPL-2.0-or-later
// The whole report as one page of HTML that is XML as well: no script, nothing from elsewhere. Stateless.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "ctl/report/history.hpp"
#include "ctl/report/time_panels.hpp"

namespace gnomon::ctl {

struct ReportTitle {
  std::string host;
  std::string version;  // of gnomonctl
};

// explained: the reply to Explain, for what holds now. Throws ReplyFault.
[[nodiscard]] std::string report_page(const History& history, const boost::json::object& explained,
                                      const Period& period, const ReportTitle& title);

}  // namespace gnomon::ctl
