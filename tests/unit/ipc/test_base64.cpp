// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/base64.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

TEST_CASE("octets become base64 and come back: the vectors of RFC 4648") {
  using Pair = std::pair<std::string_view, std::string_view>;
  for (const auto& [octets, text] :
       {Pair{"", ""}, Pair{"f", "Zg=="}, Pair{"fo", "Zm8="}, Pair{"foo", "Zm9v"}, Pair{"foob", "Zm9vYg=="},
        Pair{"fooba", "Zm9vYmE="}, Pair{"foobar", "Zm9vYmFy"}}) {
    std::string written{"="};
    ipc::append_base64(written, octets);
    CHECK(written == "=" + std::string{text});
    CHECK(ipc::from_base64(text) == octets);
  }
}

TEST_CASE("every octet comes back") {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  std::string text;
  ipc::append_base64(text, all);
  CHECK(ipc::from_base64(text) == all);
}

TEST_CASE("what is no base64 is refused") {
  for (const std::string_view text : {"Zg=", "Z", "====", "Z===", "Zm9v\n", "Zm9-", "Z=9v", "{\"kind\":"})
    CHECK_FALSE(ipc::from_base64(text));
}

}  // namespace gnomon::testing
