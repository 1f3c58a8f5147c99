// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/file_checks.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <net/if.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "config/command_line.hpp"

namespace gnomon::ctl {

namespace {

namespace fs = std::filesystem;

// A directive whose last argument is a path, and what the daemon does there.
struct NamedPath {
  std::string_view directive;
  std::string_view reader;  // which process
  Access access = Access::read;
  bool directory = false;  // for Access::write: the path itself; else the directory it is in
  Severity missing = Severity::error;
};
constexpr std::array named_paths{
    NamedPath{"ntsservercert", "gnomon-ntske"},
    NamedPath{"ntsserverkey", "gnomon-ntske"},
    NamedPath{.directive = "ntstrustedcerts", .reader = "gnomon-ntske", .missing = Severity::warning},
    NamedPath{.directive = "ntskeysecret", .reader = "gnomond"},
    NamedPath{.directive = "keyfile", .reader = "gnomond", .missing = Severity::warning},
    NamedPath{.directive = "leapseclist", .reader = "gnomon-core", .missing = Severity::warning},
    NamedPath{"driftfile", "gnomon-core", Access::write, false, Severity::note},
    NamedPath{"dumpdir", "gnomon-core", Access::write, true, Severity::note},
    NamedPath{"ntsdumpdir", "gnomon-core", Access::write, true, Severity::note},
    NamedPath{"logdir", "gnomon-core", Access::write, true, Severity::note},
};

void add(Findings& findings, Severity severity, const CheckedLine& line, const std::string& word,
         std::string message, std::string advice = {}) {
  findings.all().push_back({severity, line.place, word, std::move(message), std::move(advice)});
}

// systemd's credentials are there only while the service runs.
bool is_credential(std::string_view path) {
  return path.starts_with("/run/credentials/") || path.starts_with("$CREDENTIALS_DIRECTORY");
}

// Whether a source depends on what this file has: it can never be selected without it.
bool is_needed(const CheckedLine& line, const Configuration& configuration) {
  const auto needs = [&](const CheckedSource& each) {
    const auto& source = each.source;
    if (line.directive == "keyfile") return source.key_id != 0 && !source.nts;
    const auto& trusted = line.alone.nts.trusted_certificates;
    return source.nts && line.directive == "ntstrustedcerts" && !trusted.empty() &&
           trusted.front().set != 0 && trusted.front().set == source.cert_set;
  };
  return std::ranges::any_of(configuration.sources, needs);
}

void say_missing(const CheckedLine& line, const NamedPath& named, const std::string& path, bool needed,
                 Findings& findings) {
  const bool writes = named.access == Access::write;
  const auto directory = named.directory || !writes ? path : fs::path{path}.parent_path().string();
  add(findings, needed ? Severity::error : named.missing, line, path,
      fmt::format("{} does not exist", directory),
      writes ? "gnomond makes it when it may; otherwise make it, owned by the daemon's user"
             : "put it there, or correct the path");
}

void say_denied(const CheckedLine& line, const NamedPath& named, const Account& account,
                const std::string& path, const Answer& answer, Findings& findings) {
  const char* const verb = named.access == Access::write ? "write" : "read";
  const auto where = answer.path == path ? std::string{} : fmt::format(", because of {}", answer.path);
  const bool is_key =
      line.directive == "ntsserverkey" || line.directive == "ntskeysecret" || line.directive == "keyfile";
  add(findings, Severity::warning, line, path,
      fmt::format("{} as the user {} may not {} it{}", named.reader, account.name, verb, where),
      is_key ? fmt::format(
                   "make it readable for a group of {}, or pass it on with LoadCredential= in the service",
                   account.name)
             : fmt::format("change the owner or the mode; gnomond.service runs as {}", account.name));
}

void check_path(const CheckedLine& line, const NamedPath& named, const Account* account, Findings& findings,
                bool needed = false) {
  if (line.words.empty()) return;
  const std::string& path = line.words.back();
  if (is_credential(path)) return;
  const bool in_directory = named.access == Access::write && !named.directory;
  const std::string target = in_directory ? fs::path{path}.parent_path().string() : path;
  if (target.empty()) return;
  const Account everybody{.name = "root", .user = 0, .groups = {}};
  const Answer answer = may(account != nullptr ? *account : everybody, target, named.access);
  switch (answer.permission) {
    case Permission::granted:
      return;
    case Permission::missing:
      return say_missing(line, named, path, needed, findings);
    case Permission::denied:
      return say_denied(line, named, *account, path, answer, findings);
    case Permission::unknown:
      add(findings, Severity::note, line, path,
          fmt::format("could not be checked: {} cannot be looked into", answer.path),
          "run the check as root");
  }
}

void check_zone(const CheckedLine& line, Findings& findings) {
  if (line.words.empty()) return;
  const auto path = fs::path{"/usr/share/zoneinfo"} / line.words.front();
  std::error_code ignored;
  if (!fs::exists(path, ignored))
    add(findings, Severity::warning, line, line.words.front(),
        fmt::format("the time zone is not installed ({} does not exist)", path.string()),
        "install tzdata (Debian 13: tzdata-legacy), or use leapseclist");
}

// What gnomond demands of a secret, and advises for symmetric keys, which chrony uses whoever may read them:
// nobody else may read it, its group not write it.
void check_secret(const CheckedLine& line, Findings& findings) {
  constexpr mode_t forbidden = 027;
  struct stat about{};
  if (line.words.empty() || stat(line.words.front().c_str(), &about) != 0 || !S_ISREG(about.st_mode) ||
      (about.st_mode & forbidden) == 0)
    return;
  const bool is_used = line.directive == "keyfile";
  add(findings, is_used ? Severity::warning : Severity::error, line, line.words.front(),
      fmt::format("others can read or change it (mode {:04o}){}", about.st_mode & 07777U,
                  is_used ? "" : ": gnomond does not use it"),
      fmt::format("chmod {} {}", is_used ? "640" : "600", line.words.front()));
}

void check_interface(const CheckedLine& line, Findings& findings) {
  if (!line.words.empty() && if_nametoindex(line.words.front().c_str()) == 0)
    add(findings, Severity::note, line, line.words.front(),
        fmt::format("there is no network interface '{}' now", line.words.front()));
}

// Of a refclock line: a device, or a network interface in place of its PTP clock.
void check_device(const CheckedLine& line, const Account* account, Findings& findings) {
  constexpr NamedPath device{.directive = "refclock", .reader = "gnomond", .missing = Severity::note};
  const auto& clocks = line.alone.hardware.reference_clocks;
  if (clocks.size() != 1 || clocks.front().driver == "SHM" || clocks.front().driver == "SOCK") return;
  const auto& parameter = clocks.front().parameter;
  const auto name = parameter.substr(0, parameter.find(':'));
  CheckedLine named{.place = line.place, .directive = line.directive, .words = {name}, .alone = {}};
  if (name.starts_with('/'))
    check_path(named, device, account, findings);
  else
    check_interface(named, findings);
}

// The sensor, and the points where there is no formula.
void check_temperature(const CheckedLine& line, const Account* account, Findings& findings) {
  constexpr NamedPath file{.directive = "tempcomp", .reader = "gnomon-core"};
  const auto& temperature = line.alone.hardware.temperature;
  if (!temperature) return;
  for (const auto& path : {temperature->sensor_file, temperature->point_file})
    if (!path.empty())
      check_path({.place = line.place, .directive = line.directive, .words = {path}, .alone = {}}, file,
                 account, findings);
}

// What its unit gives it where it takes chronyd's place: gnomond-chrony.conf.
void add_chronys(Account& account) {
  if (const group* const chrony = getgrnam("_chrony")) account.groups.push_back(chrony->gr_gid);
  account.given = {"/var/lib/chrony", "/var/log/chrony"};
}

}  // namespace

std::optional<Account> daemon_account(const Configuration& configuration, Findings& findings) {
  const auto& name = configuration.config.process.user;
  auto account = account_of(name);
  if (account && config::takes_chronyds_place()) add_chronys(*account);
  if (account) return std::move(*account);
  const auto* const line = configuration.find("user");
  if (line != nullptr)
    add(findings, Severity::error, *line, name, account.error(), "make it, or name another");
  else
    findings.error({}, {},
                   account.error() + ", which gnomond becomes where root starts it: it would not start",
                   "install the package, or set `user`");
  return std::nullopt;
}

void check_files(const Configuration& configuration, const Account* account, Findings& findings) {
  for (const auto& line : configuration.lines) {
    const auto named = std::ranges::find(named_paths, line.directive, &NamedPath::directive);
    const bool unused = line.directive == "logdir" && configuration.find("log") == nullptr;
    if (named != named_paths.end() && !unused)
      check_path(line, *named, account, findings, is_needed(line, configuration));
    if (line.directive == "tempcomp") check_temperature(line, account, findings);
    if (line.directive == "leapsectz") check_zone(line, findings);
    if (line.directive == "ntskeysecret" || line.directive == "keyfile") check_secret(line, findings);
    if (line.directive == "refclock") check_device(line, account, findings);
    if (line.directive == "hwtimestamp" && line.words.front().find_first_of("*?[") == std::string::npos)
      check_interface(line, findings);
    if (line.directive == "binddevice" || line.directive == "bindacqdevice" ||
        line.directive == "bindcmddevice")
      check_interface(line, findings);
  }
}

}  // namespace gnomon::ctl
