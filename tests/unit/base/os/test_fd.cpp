// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/fd.hpp"

#include <fcntl.h>

#include <cerrno>

#include "tests/unit/catch.hpp"

using namespace gnomon::base;

namespace {

bool is_blocking(const Fd& fd) {
  return (fcntl(fd.get(), F_GETFL) & O_NONBLOCK) == 0;
}

bool is_closed_on_exec(const Fd& fd) {
  return (fcntl(fd.get(), F_GETFD) & FD_CLOEXEC) != 0;
}

}  // namespace

TEST_CASE("what goes into a pipe comes out of it, and no program inherits its ends") {
  const auto blocking = GENERATE(Blocking::yes, Blocking::no);
  const auto pipe = make_pipe(blocking);
  REQUIRE(pipe);
  for (const auto* end : {&pipe->reader, &pipe->writer}) {
    CHECK(is_blocking(*end) == (blocking == Blocking::yes));
    CHECK(is_closed_on_exec(*end));
  }
  REQUIRE(write(pipe->writer.get(), "x", 1) == 1);
  char octet = 0;
  REQUIRE(read(pipe->reader.get(), &octet, 1) == 1);
  CHECK(octet == 'x');
}

TEST_CASE("duplicates are other descriptors of the same, and outlive the first") {
  auto pipe = make_pipe(Blocking::no);
  REQUIRE(pipe);
  const int writer = pipe->writer.get();
  const auto copies = duplicates_of(std::span{&writer, 1}, 100);
  REQUIRE(copies);
  CHECK(copies->front().get() >= 100);
  CHECK(is_closed_on_exec(copies->front()));
  pipe->writer.close();
  CHECK(write(copies->front().get(), "x", 1) == 1);
  const int none = -1;
  CHECK(duplicates_of(std::span{&none, 1}).error().code == EBADF);
}
