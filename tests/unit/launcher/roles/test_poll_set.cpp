// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/poll_set.hpp"

#include <unistd.h>

#include <string>

#include "base/os/fd.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using launcher::PollSet;

namespace {

base::Pipe make_pipe() {
  auto pipe = base::make_pipe(base::Blocking::no);
  REQUIRE(pipe);
  return std::move(*pipe);
}

void fill(const base::Pipe& pipe) {
  REQUIRE(write(pipe.writer.get(), "x", 1) == 1);
}

}  // namespace

TEST_CASE(
    "handlers are called in the order in which they were added, each once, and only of what is readable") {
  const auto first = make_pipe();
  const auto second = make_pipe();
  const auto third = make_pipe();
  fill(second);
  fill(third);
  std::string called;
  PollSet set;
  set.add(-1, [&] { called += "none "; });
  set.add({third.reader.get(), second.reader.get()}, [&] { called += "both "; });
  set.add(first.reader.get(), [&] { called += "first "; });
  set.add(second.reader.get(), [&] { called += "second "; });
  REQUIRE(set.wait(std::nullopt));
  set.serve();
  CHECK(called == "both second ");
}

TEST_CASE("what is due now is not waited for, and then nobody is called") {
  const auto pipe = make_pipe();
  bool called = false;
  PollSet set;
  set.add(pipe.reader.get(), [&] { called = true; });
  REQUIRE(set.wait(0ns));
  set.serve();
  CHECK_FALSE(called);
}
