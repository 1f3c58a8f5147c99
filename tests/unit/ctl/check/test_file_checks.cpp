// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/file_checks.hpp"

#include <sys/stat.h>

#include <fstream>

#include "tests/unit/ctl/check/findings.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace gnomon::testing {

namespace {

// A directory that all may enter, with a file for our group.
struct Folder {
  TemporaryFolder folder;
  std::string path = folder.path();
  Folder() {
    chmod(path.c_str(), 0755);
    std::ofstream{at("file")} << "x";
    chmod(at("file").c_str(), 0640);
  }
  [[nodiscard]] std::string at(const std::string& name) const { return folder / name; }
};

// Nobody's user, in our group or in none.
ctl::Account stranger(std::vector<gid_t> groups = {}) {
  return {.name = "stranger", .user = 4'000'000, .groups = std::move(groups)};
}

Lines found_for(const ctl::Account* account, const std::string& text, const std::string& folder) {
  auto lines =
      found([account](const ctl::Configuration& configuration,
                      ctl::Findings& findings) { ctl::check_files(configuration, account, findings); },
            text);
  for (auto& line : lines)
    for (auto at = line.find(folder); at != line.npos; at = line.find(folder))
      line.replace(at, folder.size(), "F");
  return lines;
}

}  // namespace

TEST_CASE("a missing file is an error where what it is for cannot work without it") {
  const Folder folder;
  const auto found_in = [&](const std::string& text) { return found_for(nullptr, text, folder.path); };
  const auto none = folder.at("none");
  const std::string missing = "F/none: F/none does not exist";
  CHECK(found_in("keyfile " + none + "\nserver a\n") == Lines{"1 warning " + missing});
  CHECK(found_in("keyfile " + none + "\nserver a key 4\n") == Lines{"1 error " + missing});
  CHECK(found_in("ntstrustedcerts " + none + "\nserver a nts\n") == Lines{"1 warning " + missing});
  CHECK(found_in("ntstrustedcerts 1 " + none + "\nserver a nts\n") == Lines{"1 warning " + missing});
  CHECK(found_in("ntstrustedcerts 1 " + none + "\nserver a nts certset 1\n") == Lines{"1 error " + missing});
  CHECK(found_in("tempcomp " + none + " 1 2 3 4 5\n") == Lines{"1 error " + missing});
  CHECK(found_in("tempcomp " + folder.at("file") + " 1 " + none + "\n") == Lines{"1 error " + missing});
  CHECK(found_in("tempcomp " + folder.at("file") + " 1 2 3 4 5\n").empty());
}

TEST_CASE("an interface of each bind directive may come later") {
  for (const std::string directive : {"binddevice", "bindacqdevice", "bindcmddevice"})
    CHECK(found_for(nullptr, directive + " no-such0\n", "/nowhere") ==
          Lines{"1 note no-such0: there is no network interface 'no-such0' now"});
}

TEST_CASE("who may read a file is seen from mode, owner and groups of all that leads to it") {
  const Folder folder;
  using ctl::Permission;
  struct stat file{};
  REQUIRE(stat(folder.at("file").c_str(), &file) == 0);
  const auto permission = [&](const ctl::Account& account, const std::string& name, ctl::Access access) {
    return ctl::may(account, folder.at(name), access).permission;
  };
  CHECK(permission(stranger(), "file", ctl::Access::read) == Permission::denied);
  CHECK(permission(stranger({file.st_gid}), "file", ctl::Access::read) == Permission::granted);
  CHECK(permission(stranger({file.st_gid}), "file", ctl::Access::write) == Permission::denied);
  CHECK(permission({"owner", file.st_uid, {}}, "file", ctl::Access::write) == Permission::granted);
  CHECK(permission(stranger(), "nothing", ctl::Access::read) == Permission::missing);
  chmod(folder.path.c_str(), 0700);
  const auto answer = ctl::may(stranger({file.st_gid}), folder.at("file"), ctl::Access::read);
  CHECK(answer.permission == Permission::denied);
  CHECK(answer.path == folder.path);
}

TEST_CASE("what a role could not read or write is a warning with its name") {
  const Folder folder;
  const auto account = stranger();
  CHECK(
      found_for(&account, "ntsserverkey " + folder.at("file") + "\nntsservercert " + folder.at("file") + '\n',
                folder.path) == Lines{"1 warning F/file: gnomon-ntske as the user stranger may not read it",
                                      "2 warning F/file: gnomon-ntske as the user stranger may not read it"});
  CHECK(found_for(&account, "driftfile " + folder.at("drift") + '\n', folder.path) ==
        Lines{"1 warning F/drift: gnomon-core as the user stranger may not write it, because of F"});
  CHECK(found_for(nullptr, "driftfile " + folder.at("drift") + "\nleapseclist " + folder.at("file") + '\n',
                  folder.path)
            .empty());
}

TEST_CASE("a folder that systemd gives to the daemon is its own, whoever has it now") {
  const Folder folder;
  chmod(folder.path.c_str(), 0700);
  auto account = stranger();
  account.given = {folder.path};
  CHECK(found_for(&account, "driftfile " + folder.at("drift") + '\n', folder.path).empty());
}

TEST_CASE("the folder of the log files counts where something is logged") {
  const Folder folder;
  const auto account = stranger();
  const auto line = "logdir " + folder.path + '\n';
  CHECK(found_for(&account, line, folder.path).empty());
  CHECK(found_for(&account, line + "log tracking\n", folder.path) ==
        Lines{"1 warning F: gnomon-core as the user stranger may not write it"});
}

TEST_CASE("what is missing counts by what it is for") {
  const Folder folder;
  CHECK(found_for(nullptr,
                  "leapseclist " + folder.at("a") + "\nntsdumpdir " + folder.at("b") + "\nntskeysecret " +
                      folder.at("c") + "\nntskeysecret /run/credentials/gnomond.service/k\ndriftfile " +
                      folder.at("d/drift") + '\n',
                  folder.path) == Lines{"1 warning F/a: F/a does not exist", "2 note F/b: F/b does not exist",
                                        "3 error F/c: F/c does not exist",
                                        "5 note F/d/drift: F/d does not exist"});
}

TEST_CASE("a secret that others may read is an error, as gnomond does not use it") {
  const Folder folder;
  const auto text = "ntskeysecret " + folder.at("file") + '\n';
  CHECK(found_for(nullptr, text, folder.path).empty());
  chmod(folder.at("file").c_str(), 0644);
  CHECK(found_for(nullptr, text, folder.path) ==
        Lines{"1 error F/file: others can read or change it (mode 0644): gnomond does not use it"});
}

TEST_CASE("symmetric keys that others may read are used, and that is a warning") {
  const Folder folder;
  const auto text = "keyfile " + folder.at("file") + "\n";
  CHECK(found_for(nullptr, text, folder.path).empty());
  chmod(folder.at("file").c_str(), 0644);
  CHECK(found_for(nullptr, text, folder.path) ==
        Lines{"1 warning F/file: others can read or change it (mode 0644)"});
}

TEST_CASE("a time zone and an interface that are not there are found") {
  CHECK(found_for(nullptr, "leapsectz right/Nowhere\nbinddevice nosuchdevice\n", "/nowhere") ==
        Lines{"1 warning right/Nowhere: the time zone is not installed (/usr/share/zoneinfo/right/Nowhere "
              "does not "
              "exist)",
              "2 note nosuchdevice: there is no network interface 'nosuchdevice' now"});
}

TEST_CASE(
    "devices of reference clocks and network cards that are not there are noted, and those that may not be "
    "read") {
  const Folder folder;
  const auto nobody = stranger();
  CHECK(found_for(&nobody,
                  "refclock PPS " + folder.at("pps0") + ":clear\nrefclock RTC " + folder.at("file") +
                      "\nrefclock PHC nic-none:nocrossts\nrefclock SHM 0\nrefclock SOCK " +
                      folder.at("s.sock") + "\nhwtimestamp nic-none\nhwtimestamp nic-*\nrefclock PHC lo\n",
                  folder.path) == Lines{"1 note F/pps0: F/pps0 does not exist",
                                        "2 warning F/file: gnomond as the user stranger may not read it",
                                        "3 note nic-none: there is no network interface 'nic-none' now",
                                        "6 note nic-none: there is no network interface 'nic-none' now"});
}

TEST_CASE("the daemon's user must exist where it is named") {
  ctl::Findings findings;
  const auto account_for = [&](const std::string& text) {
    const auto configuration =
        ctl::read_configuration("g.conf", config::files_of({{"g.conf", text}}), findings);
    return ctl::daemon_account(configuration, findings);
  };
  const auto root = account_for("user root\n");
  REQUIRE(root);
  CHECK(root->user == 0);
  CHECK(findings.all().empty());
  CHECK_FALSE(account_for("user no-such-user\n"));
  CHECK(lines_of(findings) == Lines{"1 error no-such-user: there is no user 'no-such-user'"});
  // As the package's user is, where the package is not.
  findings.all().clear();
  ctl::Configuration without;
  without.config.process.user = "no-such-user";
  CHECK_FALSE(ctl::daemon_account(without, findings));
  REQUIRE(findings.all().size() == 1);
  CHECK(findings.all().front().severity == ctl::Severity::error);
}

}  // namespace gnomon::testing
