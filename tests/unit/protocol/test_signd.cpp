// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/mac/signd.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/protocol/vectors.hpp"

using namespace gnomon;
using namespace gnomon::protocol;
using testing::octets;

namespace {

std::optional<SigningAccount> account_of(std::uint8_t first, std::string_view trailer) {
  base::Buffer datagram(header_size);
  datagram[0] = first;
  const auto tail = octets(trailer);
  datagram.insert(datagram.end(), tail.begin(), tail.end());
  const auto packet = parse(datagram);
  return packet ? signing_account(*packet) : std::nullopt;
}

constexpr std::uint8_t v3 = 0x1b;
const std::string zeros(32, '0');

}  // namespace

TEST_CASE("a request in version 3 with an account and sixteen zeros wants a signed answer") {
  CHECK(account_of(v3, "50040000" + zeros) == SigningAccount{1104});
  const auto previous = account_of(v3, "50040080" + zeros);
  CHECK(previous == SigningAccount{0x80000450});
  CHECK(previous->relative_id() == 1104);
}

TEST_CASE("no number, a digest, another length or version is no such request") {
  CHECK_FALSE(account_of(v3, "00000000" + zeros));
  CHECK_FALSE(account_of(v3, "50040000" + std::string(31, '0') + "1"));
  CHECK_FALSE(account_of(v3, "50040000" + zeros + "00000000"));
  CHECK_FALSE(account_of(v3, "50040000"));
  CHECK_FALSE(account_of(v3, ""));
  CHECK_FALSE(account_of(0x23, "50040000" + zeros));
  CHECK_FALSE(account_of(0x13, "50040000" + zeros));
}

TEST_CASE("what is sent to ntp_signd has the layout of Samba's ntp_signd.idl") {
  AnswerHeader header{};
  header.fill(0xab);
  const auto request = write_signd_request(7, SigningAccount{1104}, header);
  CHECK(base::to_hex(base::Bytes{request}.first(20)) ==
        "00000040"
        "00000000"
        "00000000"
        "00070000"
        "50040000");
  CHECK(std::ranges::equal(base::Bytes{request}.subspan(20), header));
}

TEST_CASE("a reply is as long as it says, within what a signed answer needs") {
  CHECK(signd_reply_rest(octets("0000000c")) == 12U);
  CHECK(signd_reply_rest(octets("00000050")) == 80U);
  CHECK(signd_reply_rest(octets("00000084")) == 132U);
  for (const auto* const length : {"0000000b", "00000085", "ffffffff", "00000000", "0000"})
    CHECK_FALSE(signd_reply_rest(octets(length)));
}

TEST_CASE("a reply holds the signed answer to the packet that was sent, or says no") {
  const std::string signed_answer(136, 'c');
  const auto reply = [&](std::string_view head) { return octets(std::string{head} + signed_answer); };
  const auto good = reply(
      "00000000"
      "00000003"
      "00000007");
  REQUIRE(read_signd_reply(good, 7));
  CHECK(read_signd_reply(good, 7)->size() == 68);
  CHECK(read_signd_reply(good, 8).error() == SigndError::another_packet);
  CHECK(read_signd_reply(reply("00000000"
                               "00000004"
                               "00000007"),
                         7)
            .error() == SigndError::refused);
  CHECK(read_signd_reply(octets("00000000"
                                "00000004"
                                "00000007"),
                         7)
            .error() == SigndError::refused);
  CHECK(read_signd_reply(octets("00000000"
                                "00000003"
                                "00000007"),
                         7)
            .error() == SigndError::malformed);
  CHECK(read_signd_reply(octets("000000"), 7).error() == SigndError::malformed);
}
