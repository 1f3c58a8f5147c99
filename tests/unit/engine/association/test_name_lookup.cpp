// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/name_lookup.hpp"

#include <chrono>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

namespace {

constexpr base::MonoTime start{5000s};

}  // namespace

TEST_CASE("a name is due when it is wanted and allowed") {
  NameLookup lookup("ntp.example");
  CHECK(lookup.name() == "ntp.example");
  CHECK_FALSE(lookup.due(start));
  lookup.want();
  CHECK(lookup.due(start));
  lookup.allow_at(start + 1s);
  CHECK_FALSE(lookup.due(start));
  CHECK(lookup.due(start + 1s));
}

TEST_CASE("failures lead to pauses of 2, 4, 8, 28 and then always 54 seconds") {
  NameLookup lookup;
  lookup.want();
  for (const auto pause : {2s, 4s, 8s, 28s, 54s, 54s, 54s}) {
    lookup.failed(start, 0);
    CHECK(lookup.allowed_at() == start + pause);
    CHECK(lookup.wanted());
  }
}

TEST_CASE("a pause is lengthened by up to a tenth") {
  NameLookup lookup;
  lookup.failed(start, 0.5);
  CHECK(lookup.allowed_at() == start + 2100ms);
}

TEST_CASE("a resolved name is not wanted any more, and not allowed again for 28 seconds") {
  NameLookup lookup;
  lookup.want();
  lookup.failed(start, 0);
  lookup.succeeded(start + 2s, 0);
  CHECK_FALSE(lookup.wanted());
  CHECK(lookup.allowed_at() == start + 30s);
  lookup.failed(start, 0);
  CHECK(lookup.allowed_at() == start + 2s);  // the failures before it are forgotten
}

TEST_CASE("forgiven failures allow the name at once, but nothing later than before") {
  NameLookup lookup;
  for (int i = 0; i < 5; ++i) lookup.failed(start, 0);
  lookup.forgive(start + 1s);
  CHECK(lookup.allowed_at() == start + 1s);
  lookup.forgive(start + 2s);
  CHECK(lookup.allowed_at() == start + 1s);
  lookup.failed(start, 0);
  CHECK(lookup.allowed_at() == start + 2s);
}

TEST_CASE("a name becomes outdated after the refresh interval, if there is one and it was ever resolved") {
  NameLookup lookup;
  CHECK_FALSE(lookup.is_outdated(start, 10s));
  lookup.set_known(start);
  CHECK_FALSE(lookup.is_outdated(start + 10s, 10s));
  CHECK(lookup.is_outdated(start + 10s + 1ms, 10s));
  CHECK_FALSE(lookup.is_outdated(start + 1000h, 0s));
  lookup.succeeded(start + 11s, 0);
  CHECK_FALSE(lookup.is_outdated(start + 12s, 10s));
}

}  // namespace gnomon::testing
