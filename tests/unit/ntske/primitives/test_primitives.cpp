// SPDX-License-Identifier: GPL-2.0-or-later
// The module with the primitives of libcrypto, as the server role loads it.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "helpers/ntske/primitives/load.hpp"
#include "helpers/ntske/primitives/self_test.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using ntske::Primitives;

namespace {

const Primitives& module() {
  const auto loaded = ntske::load_primitives(GNOMON_PRIMITIVES);
  INFO((loaded ? std::string{} : loaded.error()));
  REQUIRE(loaded);
  return **loaded;
}

bool forgetful_x25519(ntske::OutputOf<32> private_key, ntske::OutputOf<32> public_key) {
  std::ranges::fill(private_key, std::uint8_t{8});
  std::ranges::fill(public_key, std::uint8_t{9});
  return true;
}

bool same_secret(std::span<const std::uint8_t, 32> /*own*/, std::span<const std::uint8_t, 32> /*peer*/,
                 std::span<std::uint8_t, 32> secret) {
  std::ranges::fill(secret, std::uint8_t{1});
  return true;
}

bool same_p256_secret(std::span<const std::uint8_t, 32> /*own*/, std::span<const std::uint8_t, 65> /*peer*/,
                      std::span<std::uint8_t, 32> secret) {
  std::ranges::fill(secret, std::uint8_t{1});
  return true;
}

}  // namespace

TEST_CASE("what libcrypto computes is what the standards say") {
  CHECK(ntske::failing_primitive(module()) == nullptr);
}

TEST_CASE("a primitive that is wrong is noticed and named") {
  auto wrong = module();
  std::string named = "SHA-256";
  SECTION("a hash that is not computed") {
    wrong.sha256 = [](std::span<std::uint32_t, 8> /*state*/, ntske::Input /*blocks*/) {};
  }
  SECTION("a hash of the first block only") {
    wrong.sha256 = [](std::span<std::uint32_t, 8> state, ntske::Input blocks) {
      module().sha256(state, blocks.first(64));
    };
  }
  SECTION("a key share that is always the same") {
    wrong.x25519_generate = forgetful_x25519;
    named = "X25519";
  }
  SECTION("a secret that is always the same") {
    wrong.x25519_agree = same_secret;
    named = "X25519";
  }
  SECTION("a secret that is always the same, on P-256") {
    wrong.p256_agree = same_p256_secret;
    named = "ECDH on P-256";
  }
  const char* const failing = ntske::failing_primitive(wrong);
  REQUIRE(failing != nullptr);
  CHECK(failing == named);
}

TEST_CASE("a module that is missing, is none or is of another version is not used, and the error says why") {
  CHECK(ntske::load_primitives("/nowhere/gnomon-primitives.so").error().contains("/nowhere/"));
  CHECK_FALSE(ntske::load_primitives("/proc/self/status").error().empty());
  CHECK(ntske::load_primitives("libm.so.6").error().contains("another version"));
}

TEST_CASE("sessions take turns with their key shares and get their own secrets") {
  const auto& primitives = module();
  using Value = std::array<std::uint8_t, 32>;
  struct Side {
    Value key{}, share{}, secret{};
  };
  std::vector<Side> ours(4), theirs(4);
  for (auto* sides : {&ours, &theirs})
    for (auto& side : *sides) REQUIRE(primitives.x25519_generate(side.key, side.share));
  for (std::size_t i = 0; i < ours.size(); ++i) {
    REQUIRE(primitives.x25519_agree(ours[i].key, theirs[i].share, ours[i].secret));
    REQUIRE(primitives.x25519_agree(theirs[i].key, ours[i].share, theirs[i].secret));
    CHECK(ours[i].secret == theirs[i].secret);
    for (std::size_t j = 0; j < i; ++j) CHECK(ours[i].secret != ours[j].secret);
  }
}

TEST_CASE("a peer's share without order is refused") {
  const auto& primitives = module();
  std::array<std::uint8_t, 32> key{}, share{}, secret{};
  REQUIRE(primitives.x25519_generate(key, share));
  CHECK_FALSE(primitives.x25519_agree(key, std::array<std::uint8_t, 32>{}, secret));
  CHECK_FALSE(primitives.x25519_agree(key, std::array<std::uint8_t, 32>{1}, secret));
  std::array<std::uint8_t, 65> point{};
  REQUIRE(primitives.p256_generate(key, point));
  for (const std::size_t octet : {0U, 1U, 32U, 33U, 64U}) {
    auto elsewhere = point;
    elsewhere.at(octet) ^= 1U;
    CHECK_FALSE(primitives.p256_agree(key, elsewhere, secret));
  }
  CHECK_FALSE(primitives.p256_agree(key, std::array<std::uint8_t, 65>{}, secret));
}

TEST_CASE("octets that are no key, or no digest, sign nothing") {
  const auto& primitives = module();
  CHECK(primitives.new_key({}) == nullptr);
  const std::vector<std::uint8_t> octets(100, 0x30);
  CHECK(primitives.new_key(octets) == nullptr);
}
