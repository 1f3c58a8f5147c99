// SPDX-License-Identifier: GPL-2.0-or-later
// inject REPORT [--fail PROGRAM CALL SITE ERRNO OCCURRENCE] -- PROGRAM ARGUMENTS...
// SIGTERM, SIGINT and SIGHUP go on to the program. The report has a word and its values in each line:
//   pid N                              of the program
//   site PROGRAM CALL SITE\tNAMES...   once for each call site; only without --fail
//   hit                                the fault has been made
//   exited PROGRAM STATUS / died PROGRAM SIGNAL
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "tests/faults/inject/calls.hpp"
#include "tests/faults/inject/tracer.hpp"

using namespace gnomon::faults;

namespace {

constexpr int usage_status = 2;

int usage() {
  std::fputs("inject REPORT [--fail PROGRAM CALL SITE ERRNO OCCURRENCE] -- PROGRAM ARGUMENTS...\n", stderr);
  return usage_status;
}

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

int main(int count, char** arguments) {
  std::span<char*> words{arguments, static_cast<std::size_t>(count)};
  if (words.size() < 4) return usage();
  const std::unique_ptr<std::FILE, Close> report{std::fopen(words[1], "we")};
  if (!report) return usage();
  words = words.subspan(2);
  std::optional<Fault> fault;
  if (words[0] == std::string_view{"--fail"} && words.size() > 7) {
    const auto call = number_of_call(words[2]);
    if (!call) return usage();
    fault = Fault{.program = words[1],
                  .call = *call,
                  .site = words[3],
                  .error = std::atoi(words[4]),        // NOLINT: a test hands it over
                  .occurrence = std::atoi(words[5])};  // NOLINT
    words = words.subspan(6);
  }
  if (words.size() < 2 || words[0] != std::string_view{"--"}) return usage();
  return Tracer{std::move(fault), report.get()}.run(&words[1]);
}
