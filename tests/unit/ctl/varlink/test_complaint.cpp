// SPDX-License-Identifier: GPL-2.0-or-later
#include <string>

#include "ctl/varlink/complaint.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::ctl;

namespace {
std::string said(CallFault fault, std::string detail, boost::json::object parameters = {}) {
  return complaint({.fault = fault, .detail = std::move(detail), .parameters = std::move(parameters)},
                   "/run/x");
}
bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}
}  // namespace

TEST_CASE("a daemon that is not there: where it was looked for and how to see whether it runs") {
  CHECK(said(CallFault::no_socket, "No such file or directory") ==
        "cannot reach gnomond at /run/x: No such file or directory. Is it running? "
        "Try: systemctl status gnomond ; or give --socket PATH");
}

TEST_CASE("an error's name cannot steer the terminal") {
  CHECK_FALSE(contains(said(CallFault::replied, "io.gnomon.Control.\x1b]0;x\xc2\x9b"), "\x1b"));
  CHECK_FALSE(contains(said(CallFault::replied, "org.varlink.service.\xc2\x9b"), "\xc2\x9b"));
}

TEST_CASE("no access to the socket: who has it, and how to get it") {
  const auto text = said(CallFault::no_access, "Permission denied");
  CHECK(contains(text, "ls -l /run/x"));
  CHECK(contains(text, "sudo gnomonctl"));
}

TEST_CASE("an order that is not permitted says who may give it") {
  const auto text =
      said(CallFault::replied, "io.gnomon.Control.NotPermitted", {{"explanation", "you are user 1000"}});
  CHECK(text == "gnomond refused: you are user 1000.");
  CHECK(contains(said(CallFault::replied, "io.gnomon.Control.NotPermitted"),
                 "members of the group gnomon-operators may do this. Try: sudo"));
}

TEST_CASE("an order that failed gives the daemon's explanation") {
  CHECK(said(CallFault::replied, "io.gnomon.Control.Failed", {{"explanation", "no certificate."}}) ==
        "gnomond could not do it: no certificate.");
  CHECK(contains(said(CallFault::replied, "io.gnomon.Control.Failed", {{"explanation", 3}}), "Failed."));
}

TEST_CASE("a method the daemon does not know is a matter of versions") {
  const auto text = said(CallFault::replied, "org.varlink.service.MethodNotFound");
  CHECK(contains(text, "version"));
  CHECK(contains(text, "systemctl restart gnomond"));
}

TEST_CASE("silence, hanging up and nonsense are told apart") {
  CHECK(contains(said(CallFault::timeout, ""), "did not answer in time"));
  CHECK(contains(said(CallFault::closed, "x"), "closed the connection"));
  CHECK(contains(said(CallFault::bad_reply, "not JSON"), "does not answer like gnomond (not JSON)"));
  CHECK(contains(said(CallFault::local_error, "the path is too long"), "the path is too long"));
}

TEST_CASE("a value out of range is named by its parameter") {
  CHECK(said(CallFault::replied, "org.varlink.service.InvalidParameter", {{"parameter", "stratum"}}) ==
        "gnomond rejected the value of 'stratum': it is out of range, or not a number");
}
