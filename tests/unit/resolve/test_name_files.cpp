// SPDX-License-Identifier: GPL-2.0-or-later
#include <filesystem>
#include <fstream>

#include "helpers/resolve/name_files.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using resolve::NameFiles;

namespace {

struct Root {
  Root() { std::filesystem::create_directories(path("/etc")); }
  [[nodiscard]] std::string path(const std::string& name) const { return folder / name.substr(1); }
  void write(const std::string& name, const std::string& text) const { std::ofstream{path(name)} << text; }
  [[nodiscard]] NameFiles look() const { return NameFiles{folder / ""}; }
  testing::TemporaryFolder folder;
};

}  // namespace

TEST_CASE("the modules of nsswitch.conf are known without their conditions") {
  using resolve::host_modules;
  CHECK(host_modules("passwd: files\nhosts:\tfiles mdns4_minimal [NOTFOUND=return] dns # mine\n") ==
        std::vector<std::string>{"files", "mdns4_minimal", "dns"});
  CHECK(host_modules("hosts: resolve [!UNAVAIL = return] files") ==
        std::vector<std::string>{"resolve", "files"});
  CHECK(host_modules("# hosts: nis\n") == std::vector<std::string>{"dns", "files"});
  CHECK(host_modules("hosts:").empty());
}

TEST_CASE("Unix sockets are for modules that ask a service, and for nscd") {
  using resolve::needs_unix_sockets;
  CHECK_FALSE(needs_unix_sockets({"files", "myhostname", "dns"}));
  CHECK(needs_unix_sockets({"files", "resolve", "dns"}));
  CHECK(needs_unix_sockets({"mymachines"}));
  const Root root;
  root.write("/etc/nsswitch.conf", "hosts: files dns\n");
  CHECK_FALSE(root.look().need_unix_sockets());
  std::filesystem::create_directories(root.path("/run/nscd"));
  root.write("/run/nscd/socket", "");
  CHECK(root.look().need_unix_sockets());
}

TEST_CASE("a file that comes, goes or gives its place to another is another file") {
  const Root root;
  const auto before = root.look();
  CHECK_FALSE(before.replaced());
  root.write("/etc/hosts", "127.0.0.1 localhost\n");
  CHECK(before.replaced());
  const auto with_hosts = root.look();
  root.write("/etc/new", "127.0.0.1 localhost\n");
  std::filesystem::rename(root.path("/etc/new"), root.path("/etc/hosts"));
  CHECK(with_hosts.replaced());
  const auto once_more = root.look();
  std::filesystem::remove(root.path("/etc/hosts"));
  CHECK(once_more.replaced());
}

TEST_CASE("a link into a folder that comes later is a file when it leads to one") {
  const Root root;
  std::filesystem::create_symlink("../run/resolver/resolv.conf", root.path("/etc/resolv.conf"));
  const auto dangling = root.look();
  CHECK_FALSE(dangling.changed());
  std::filesystem::create_directories(root.path("/run/resolver"));
  CHECK_FALSE(dangling.changed());
  root.write("/run/resolver/resolv.conf", "nameserver 127.0.0.1\n");
  CHECK(dangling.replaced());
}

TEST_CASE("other words in the same file are a change, and it may be read as before") {
  const Root root;
  root.write("/etc/resolv.conf", "nameserver 127.0.0.1\n");
  const auto before = root.look();
  root.write("/etc/resolv.conf", "nameserver 127.0.0.53\n");
  CHECK(before.changed());
  CHECK_FALSE(before.replaced());
}
