// SPDX-License-Identifier: GPL-2.0-or-later
// The table is complete and says the truth about what the parser does.
#include "config/table.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <sstream>

#include "config/words.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/config/files.hpp"

using namespace gnomon::config;

namespace {

// Every directive of chrony.conf(5), and ours.
constexpr const char* all_directives =
    "server pool peer initstepslew refclock manual acquisitionport bindacqaddress bindacqdevice dscp dumpdir "
    "maxsamples minsamples ntsaeads ntsdumpdir ntscachedir ntsrefresh ntstrustedcerts nosystemcert "
    "nocerttimecheck "
    "refresh authselectmode combinelimit maxdistance maxjitter maxstratum minstratum minsources reselectdist "
    "stratumweight clockprecision corrtimeratio driftfile fallbackdrift leapsecmode leapsectz leapseclist "
    "makestep "
    "maxchange maxclockerror maxdrift maxupdateskew maxslewrate tempcomp allow deny bindaddress binddevice "
    "broadcast "
    "clientloglimit noclientlog local ntpsigndsocket ntsport ntsservercert ntsserverkey ntsprocesses "
    "maxntsconnections ntsntpserver ntsrotate ntsratelimit port ratelimit smoothtime bindcmdaddress "
    "bindcmddevice "
    "cmdallow cmddeny cmdport cmdratelimit opencommands hwclockfile rtcautotrim rtcdevice rtcfile rtconutc "
    "rtcsync "
    "log logbanner logchange logdir mailonchange confdir sourcedir include hwtimestamp hwtstimeout "
    "maxtxbuffers "
    "keyfile lock_all sched_priority user pidfile ptpport ptpdomain commandkey generatecommandkey "
    "linux_freq_scale "
    "linux_hz dumponexit controlsocket eventmemory measurementmemory metricsaddress ntpworkers ntskeysecret";
constexpr const char* all_source_options =
    "minpoll maxpoll iburst burst key nts certset ntsport maxdelay maxdelayratio maxdelaydevratio "
    "maxdelayquant "
    "mindelay asymmetry offset minsamples maxsamples maxunreach filter offline auto_offline prefer noselect "
    "trust "
    "require xleave polltarget port presend minstratum version copy extfield ipv4 ipv6 maxsources "
    "maxntsretry";

std::set<std::string> words(const char* text) {
  std::istringstream stream{text};
  return {std::istream_iterator<std::string>{stream}, {}};
}

template <typename Rows>
std::set<std::string> names(const Rows& rows) {
  std::set<std::string> result;
  for (const auto& row : rows) {
    const auto [place, fresh] = result.emplace(row);
    CAPTURE(*place);
    CHECK(fresh);
  }
  return result;
}

const TableEntry& entry(const Table& table, std::string_view name) {
  return *std::ranges::find_if(table, [&](const TableEntry& e) { return e.row.name == name; });
}

std::vector<std::string_view> option_names(const TableEntry& entry) {
  std::vector<std::string_view> result;
  for (const auto& option : entry.options) result.push_back(option.name);
  return result;
}

// Whether a synopsis has anything outside of brackets.
bool needs_argument(std::string_view arguments) {
  int depth = 0;
  for (const char c : arguments) {
    if (c == '[') ++depth;
    if (depth == 0 && c >= 'A') return true;
    if (c == ']') --depth;
  }
  return false;
}

void check_documented(const Row& row) {
  CAPTURE(row.name);
  CHECK(row.name == lower_case(row.name));
  CHECK(row.text.size() > 15);
  CHECK(row.text.ends_with('.'));
  CHECK(row.range.min < row.range.max);
}

}  // namespace

TEST_CASE("every directive stands in the table once, and no other") {
  const auto all = table();
  std::vector<std::string_view> found;
  for (const auto& e : all) found.push_back(e.row.name);
  CHECK(names(found) == words(all_directives));
}

TEST_CASE("every option of a source stands in the table once, the same for server, pool and peer") {
  const auto all = table();
  for (const auto* directive : {"server", "pool", "peer"})
    CHECK(names(option_names(entry(all, directive))) == words(all_source_options));
}

TEST_CASE("every row is documented by a sentence under a heading") {
  for (const auto& e : table()) {
    CHECK_FALSE(e.topic.empty());
    check_documented(e.row);
    for (const auto& option : e.options) check_documented(option);
  }
}

TEST_CASE("a directive that takes no argument refuses one, and one that takes some needs one") {
  for (const auto& e : table()) {
    if (e.row.name == "dumponexit") continue;
    CAPTURE(e.row.name);
    const std::string name{e.row.name};
    const bool pair = name == "ntsservercert" || name == "ntsserverkey";
    CHECK(complaints(name).empty() == (!needs_argument(e.row.arguments) && !pair));
    if (e.row.arguments.empty()) CHECK(complaints(name + " 1").size() == 1);
  }
}

TEST_CASE("a bounded number is refused just outside of its range") {
  for (const auto& e : table()) {
    CAPTURE(e.row.name);
    const std::string name{e.row.name};
    const bool single = e.row.arguments.find_first_of(" [") == e.row.arguments.npos;
    if (!single || !std::isfinite(e.row.range.min)) continue;
    CHECK(complaints(name + " " + std::to_string(e.row.range.min - 1)).size() == 1);
    if (e.row.range.max < whole_max)
      CHECK(complaints(name + " " + std::to_string(static_cast<long long>(e.row.range.max) + 1)).size() == 1);
  }
}

TEST_CASE("what the table says has no effect is what the configuration names") {
  for (const auto& e : table()) {
    if (needs_argument(e.row.arguments)) continue;
    CAPTURE(e.row.name);
    CHECK(config_of(std::string{e.row.name}).without_effect.empty() == e.row.effect);
  }
}
