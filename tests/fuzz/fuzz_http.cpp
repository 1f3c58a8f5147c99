// SPDX-License-Identifier: GPL-2.0-or-later
// Octets of a connection to gnomon-metrics: the requests in them are the same however they are cut. The first
// octet is the size of the pieces.
#include <algorithm>
#include <string_view>
#include <vector>

#include "helpers/metrics/http.hpp"
#include "tests/fuzz/require.hpp"

using namespace gnomon::metrics;

namespace {

struct Outcome {
  std::vector<HttpRequest> requests;
  bool fault = false;
};

Outcome read(std::string_view stream, std::size_t piece) {
  RequestReader reader;
  Outcome outcome;
  while (!stream.empty() && !outcome.fault) {
    const auto part = stream.substr(0, piece);
    stream.remove_prefix(part.size());
    reader.add(part);
    while (true) {
      auto next = reader.next();
      outcome.fault = !next;
      if (!next || !*next) break;
      require((*next)->target.size() <= longest_header && (*next)->accept.size() <= longest_header);
      static_cast<void>(plan_for(**next));
      outcome.requests.push_back(std::move(**next));
    }
  }
  return outcome;
}

bool are_alike(const HttpRequest& a, const HttpRequest& b) {
  return a.method == b.method && a.target == b.target && a.accept == b.accept && a.keep_alive == b.keep_alive;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view stream{reinterpret_cast<const char*>(data) + 1, size - 1};  // NOLINT: octets
  const auto whole = read(stream, stream.size());
  const auto pieces = read(stream, std::size_t{data[0]} + 1);
  require(std::ranges::equal(whole.requests, pieces.requests, are_alike));
  return 0;
}
