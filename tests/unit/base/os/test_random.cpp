// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/random.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon::base;

TEST_CASE("random octets fill all of the memory, also above the kernel's 256 at once") {
  Buffer a(100'000, 0);
  Buffer b(100'000, 0);
  fill_random(a);
  fill_random(b);
  CHECK(a != b);
  // 16 zeros in a row at the end are as likely as a guessed key.
  CHECK(Buffer(a.end() - 16, a.end()) != Buffer(16, 0));
  fill_random({});
}

TEST_CASE("a random number uses all of its bits") {
  std::uint64_t seen = 0;
  for (int i = 0; i < 64; ++i) seen |= random_number<std::uint64_t>();
  CHECK(seen == ~std::uint64_t{0});
}
