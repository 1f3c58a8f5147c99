// SPDX-License-Identifier: GPL-2.0-or-later
// How a view asks the daemon: by a function, which tests play.
#pragma once

#include <boost/json/object.hpp>
#include <expected>
#include <functional>
#include <string>

namespace gnomon::ctl {

struct AskFault {
  std::string sentence;
  bool refused = false;  // the daemon is there and answered with an error
};
// method: of io.gnomon.Control.
using AskDaemon = std::function<std::expected<boost::json::object, AskFault>(
    const std::string& method, const boost::json::object& parameters)>;

}  // namespace gnomon::ctl
