// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/signd_socket.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using launcher::connect_to_signd;
using testing::TemporaryFolder;

TEST_CASE("a socket that somebody listens at is connected to") {
  const TemporaryFolder folder;
  const base::Fd listener{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto path = folder / "socket";
  REQUIRE(path.size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size());
  REQUIRE(bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);  // NOLINT
  REQUIRE(listen(listener.get(), 1) == 0);
  const auto made = connect_to_signd(folder.path());
  REQUIRE(made);
  CHECK(base::Fd{accept(listener.get(), nullptr, nullptr)});
}

TEST_CASE("why there is no connection is said with the path") {
  const TemporaryFolder folder;
  const auto none = connect_to_signd(folder.path());
  REQUIRE_FALSE(none);
  CHECK(none.error().starts_with("Could not connect to signd socket " + folder / "socket" +
                                 ": connect: No such"));
  CHECK(connect_to_signd("/" + std::string(200, 'x')).error().find("name too long") != std::string::npos);
}
