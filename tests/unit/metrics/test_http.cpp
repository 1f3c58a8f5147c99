// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/metrics/http.hpp"

#include <vector>

#include "tests/unit/catch.hpp"

using namespace gnomon::metrics;
using namespace std::string_literals;

namespace {

// All requests of a stream, in pieces of that size; what ends it, if something does.
struct Outcome {
  std::vector<HttpRequest> requests;
  std::optional<HttpFault> fault;
};
Outcome read(std::string_view stream, std::size_t piece) {
  RequestReader reader;
  Outcome outcome;
  while (!stream.empty()) {
    const auto part = stream.substr(0, piece);
    stream.remove_prefix(part.size());
    reader.add(part);
    for (auto next = reader.next(); !next || *next; next = reader.next()) {
      if (!next) {
        outcome.fault = next.error();
        return outcome;
      }
      outcome.requests.push_back(**next);
    }
  }
  return outcome;
}

std::optional<HttpFault> fault_of(const std::string& stream) {
  return read(stream, 4096).fault;
}

const std::string scrape =
    "GET /metrics HTTP/1.1\r\nHost: [::1]:10123\r\nAccept: text/plain\r\naccept: */*;q=0.1\r\n\r\n";

}  // namespace

TEST_CASE("requests are found one after the other, however the octets come") {
  const auto stream = scrape + "HEAD /metrics HTTP/1.1\r\nConnection: close\r\n\r\n" + scrape;
  for (const std::size_t piece : {1U, 2U, 7U, 4096U}) {
    const auto outcome = read(stream, piece);
    CHECK_FALSE(outcome.fault);
    REQUIRE(outcome.requests.size() == 3);
    CHECK(outcome.requests[0].method == "GET");
    CHECK(outcome.requests[0].target == "/metrics");
    CHECK(outcome.requests[0].accept == "text/plain,*/*;q=0.1");
    CHECK(outcome.requests[0].keep_alive);
    CHECK(outcome.requests[1].method == "HEAD");
    CHECK_FALSE(outcome.requests[1].keep_alive);
  }
}

TEST_CASE("an old client gets one response") {
  const auto outcome = read("GET /metrics HTTP/1.0\r\n\r\n", 4096);
  REQUIRE(outcome.requests.size() == 1);
  CHECK_FALSE(outcome.requests[0].keep_alive);
}

TEST_CASE("half a request is waited for") {
  RequestReader reader;
  CHECK_FALSE(reader.amid_request());
  for (const std::string_view part : {"GET /met", "rics HTTP/1.1\r\n", "Host: a\r\n"}) {
    reader.add(part);
    const auto next = reader.next();
    REQUIRE(next);
    CHECK_FALSE(*next);
    CHECK(reader.amid_request());
  }
  reader.add("\r\n");
  const auto next = reader.next();
  REQUIRE(next);
  CHECK(*next);
  CHECK_FALSE(reader.amid_request());
}

TEST_CASE("what is no request, or too much, ends the connection") {
  CHECK(fault_of("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"s) == HttpFault::malformed);
  CHECK(fault_of("GET /metrics\r\n\r\n") == HttpFault::malformed);
  CHECK(fault_of("GET /metrics HTTP/9.9\r\n\r\n") == HttpFault::malformed);
  CHECK(fault_of("GET /metrics HTTP/1.1\r\nno colon\r\n\r\n") == HttpFault::malformed);
  CHECK(fault_of("POST /metrics HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello") == HttpFault::has_body);
  CHECK(fault_of("GET /metrics HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n") ==
        HttpFault::has_body);
  const std::string many(65536, 'x');
  CHECK(fault_of("GET /metrics HTTP/1.1\r\nA: " + many + "\r\n\r\n") == HttpFault::too_large);
  CHECK(fault_of("GET /" + many + " HTTP/1.1\r\n\r\n") == HttpFault::too_large);
  std::string lines = "GET /metrics HTTP/1.1\r\n";
  while (lines.size() < 65536) lines += "A: b\r\n";
  CHECK(fault_of(lines) == HttpFault::too_large);
}

TEST_CASE("a response says what it is, how long it is, and what happens then") {
  const auto good = response_head(Status::ok, "text/plain", 1234, true);
  CHECK(good.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(good.contains("Content-Type: text/plain\r\n"));
  CHECK(good.contains("Content-Length: 1234\r\n"));
  CHECK_FALSE(good.contains("Connection: close"));
  CHECK(good.ends_with("\r\n\r\n"));
  CHECK(response_head(Status::not_found, "text/plain", 0, false).contains("Connection: close\r\n"));
  CHECK(response_head(Status::method_not_allowed, "text/plain", 0, true).contains("Allow: GET, HEAD\r\n"));
  CHECK(response_head(Status::header_too_large, "a", 0, false).starts_with("HTTP/1.1 431 "));
}
