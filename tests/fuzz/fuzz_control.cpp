// SPDX-License-Identifier: GPL-2.0-or-later
// Whatever comes over the control socket: it is cut into messages, and every message that gets a reply gets
// one that is itself a varlink message.
#include <boost/json/parse.hpp>
#include <cstdlib>

#include "daemon/core/control/methods.hpp"
#include "tests/fuzz/quiet_daemon.hpp"

using namespace gnomon;
using namespace gnomon::core::control;

namespace {

void check_reply(const std::string& text) {
  if (text.empty()) return;
  if (text.back() != '\0' || text.find('\0') != text.size() - 1) std::abort();
  const auto reply = boost::json::parse(std::string_view{text}.substr(0, text.size() - 1));
  if (!reply.as_object().contains("parameters")) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  testing::QuietDaemon daemon;
  MessageSplitter splitter;
  if (!splitter.add({data, size})) return 0;
  while (const auto message = splitter.next())
    for (const auto right : {Right::observe, Right::operate})
      check_reply(answer(*message, right, daemon).text);
  return 0;
}
