// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <set>

#include "daemon/core/server/entropy_pool.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using core::EntropyPool;

namespace {

using Nonce = std::array<std::uint8_t, 16>;

Nonce first_of(const EntropyPool& pool) {
  Nonce nonce{};
  std::ranges::copy(pool.next().first(nonce.size()), nonce.begin());
  return nonce;
}

engine::AnswerEntropy all_of(const EntropyPool& pool) {
  engine::AnswerEntropy all{};
  std::ranges::copy(pool.next(), all.begin());
  return all;
}

}  // namespace

TEST_CASE("what was consumed is not handed out again, however much that is at a time") {
  EntropyPool pool;
  std::set<Nonce> seen;
  constexpr int times = 3000;
  for (int i = 0; i < times; ++i) {
    CHECK(seen.insert(first_of(pool)).second);
    pool.consume(std::size_t{16} * static_cast<std::size_t>(1 + i % 9));
    if (i % 32 == 0) pool.refill_in_time();
  }
}

TEST_CASE("what was not consumed stays what comes next") {
  EntropyPool pool;
  const auto first = all_of(pool);
  pool.consume(0);
  CHECK(all_of(pool) == first);
  pool.consume(32);
  const auto second = all_of(pool);
  CHECK(std::equal(first.begin() + 32, first.end(), second.begin()));
}

TEST_CASE("a refill in time keeps what is left, and makes room for a batch of answers") {
  EntropyPool pool;
  for (int i = 0; i < 130; ++i) pool.consume(32);
  const auto left = all_of(pool);
  pool.refill_in_time();
  CHECK(all_of(pool) == left);
  for (int i = 0; i < 32; ++i) pool.consume(32);
  CHECK(all_of(pool) != left);
}
