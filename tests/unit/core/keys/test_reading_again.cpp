// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/keys/reading_again.hpp"

#include <vector>

#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using core::ReadingAgain;

namespace {

struct Fixture {
  testing::Loop loop;
  ReadingAgain reading{loop.tasks, std::chrono::milliseconds{20}};
  std::vector<std::string> told;
  void await(bool certificates, bool keys) {
    reading.await({.certificates = certificates, .symmetric_keys = keys},
                  [this](const std::string& wrong) { told.push_back(wrong); });
  }
  ~Fixture() { loop.drain(); }
};

}  // namespace

TEST_CASE("who waits for nothing is told at once, and who waits for both after both") {
  Fixture f;
  f.await(false, false);
  CHECK(f.told == std::vector<std::string>{""});
  f.await(true, true);
  f.reading.on_certificates("The key does not fit.");
  CHECK(f.told.size() == 1);
  f.reading.on_symmetric_keys("");
  CHECK(f.told.back() == "The key does not fit.");
  f.reading.on_certificates("too late");
  CHECK(f.told.size() == 2);
}

TEST_CASE("a secret is waited for too, and what is wrong with each is said") {
  Fixture f;
  f.reading.await({.certificates = true, .key_secret = true},
                  [&f](const std::string& wrong) { f.told.push_back(wrong); });
  f.reading.on_symmetric_keys("nobody waits for them");
  f.reading.on_certificates("The key does not fit.");
  CHECK(f.told.empty());
  f.reading.on_key_secret("The secret is short.");
  CHECK(f.told == std::vector<std::string>{"The key does not fit. The secret is short."});
}
