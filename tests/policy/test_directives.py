#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""No directive without effect: each of chrony's, and each option, has a row that says which test shows what it does.

"run": a row of that name in tests/interop/test_directives.py, which runs the daemon with it and without it. Otherwise the
name of a test of tests/interop, "file.test_name", or what the name of a unit test contains. A directive that the parser
has and this table has not fails, and so does a row whose test is gone."""

import os
import pathlib
import re
import unittest

ROOT = pathlib.Path(os.environ.get("GNOMON_SOURCE_ROOT", pathlib.Path(__file__).resolve().parents[2]))

# Shown where there is a device, or another daemon, to show it with.
ELSEWHERE = "elsewhere"

DIRECTIVES = {
    "acquisitionport": "run",
    "allow": "run",
    "authselectmode": "authselectmode decides about plain sources beside authenticated ones",
    "bindacqaddress": "run",
    "bindacqdevice": "devices are set up",
    "bindaddress": "run",
    "bindcmdaddress": "chronyc.test_what_is_open_by_default",
    "bindcmddevice": "sockets.test_an_interface_for_commands_comes_later_and_returns",
    "binddevice": "sockets.test_an_interface_that_comes_later_is_served_and_no_other",
    "broadcast": "peers.test_broadcast",
    "clientloglimit": "a client has one limit, however many workers its requests come to",
    "clockprecision": "clockprecision is what the server says of itself",
    "cmdallow": "chronyc.test_others_are_not_answered_but_by_cmdallow",
    "cmddeny": "the two lists are separate",
    "cmdport": "chronyc.test_what_is_open_by_default",
    "cmdratelimit": "requests above cmdratelimit are dropped, those of this machine never",
    "combinelimit": "run",
    "confdir": "run",
    "controlsocket": "the control socket makes its folder, is open to everybody",
    "corrtimeratio": "a faster maxslewrate ends a correction sooner, a larger corrtimeratio later",
    "deny": "run",
    "driftfile": "run",
    "dscp": "run",
    "dumpdir": "run",
    "eventmemory": "explain.test_the_memory_is_bounded_as_configured",
    "fallbackdrift": "the clock runs at the fallback drift once its sources are gone",
    "hwclockfile": "hwclock's file counts more than rtconutc",
    "hwtimestamp": "each card has the options of its line",
    "hwtstimeout": "stamps of network cards are asked for where hwtimestamp is",
    "include": "run",
    "initstepslew": "initstepslew steps from its threshold on, and leaves the frequency as it was",
    "keyfile": "symmetric_keys.test_gnomond_answers_a_known_key_and_no_other",
    "leapseclist": "a list is read, and read again when it has changed",
    "leapsecmode": "only the mode system arms the kernel",
    "leapsectz": "run",
    "local": "run",
    "lock_all": "memory is locked by the directive and by the option",
    "log": "run",
    "logbanner": "run",
    "logchange": "run",
    "logdir": "run",
    "mailonchange": "log_files.test_a_correction_is_a_message_and_a_mail",
    "makestep": "run",
    "manual": "orders.test_times_by_hand_are_taken_when_they_are_wanted",
    "maxchange": "run",
    "maxclockerror": "run",
    "maxdistance": "run",
    "maxdrift": "run",
    "maxjitter": "run",
    "maxntsconnections": "more connections than are allowed are turned away",
    "maxsamples": "run",
    "maxslewrate": "run",
    "maxstratum": "run",
    "maxtxbuffers": "who has room for one packet gets the timestamp of the last one alone",
    "maxupdateskew": "run",
    "measurementmemory": "report.test_the_memory_is_bounded_as_configured",
    "metricsaddress": "metrics.test_prometheus_scrapes_and_its_rules_work",
    "minsamples": "run",
    "minsources": "run",
    "minstratum": "run",
    "nocerttimecheck": "nocerttimecheck counts more than forgiven dates",
    "noclientlog": "with noclientlog, and after the clock was set, answers are basic",
    "nosystemcert": "certificates.test_each_source_is_believed_by_its_own_set",
    "ntpsigndsocket": "signd.test_an_account_gets_a_signed_response_and_nobody_else_does",
    "ntpworkers": "a client has one limit, however many workers its requests come to",
    "ntsaeads": "nts/test_client_ke.test_the_request_is_what_the_rfc_says",
    "ntscachedir": "NTS is set up",
    "ntsdumpdir": "cookies.test_a_restart_needs_no_key_exchange",
    "ntskeysecret": "keys.test_a_secret_is_replaced_while_clients_go_on",
    "ntsntpserver": "nts/test_server_ke.test_ntsntpserver_is_told",
    "ntsport": "nts/test_server_ke.test_the_minimal_request_is_served",
    "ntsprocesses": "healing.test_several_key_establishment_processes_share_the_port",
    "ntsratelimit": "restart.test_the_limit_of_key_exchanges_is_one_for_all_processes",
    "ntsrefresh": "keys older than ntsrefresh are replaced",
    "ntsrotate": "keys.test_keys_that_somebody_else_rotates_are_followed",
    "ntsservercert": "renewal.test_pairs_by_name_with_keys_of_every_kind",
    "ntsserverkey": "renewal.test_pairs_by_name_with_keys_of_every_kind",
    "ntstrustedcerts": "certificates.test_each_source_is_believed_by_its_own_set",
    "opencommands": "chronyc.test_what_opencommands_has_over_udp_and_nothing_else",
    "peer": "run",
    "pidfile": "a pid file names this process while it is held and is gone afterwards",
    "pool": "a pool becomes as many sources as it may, each address once",
    "port": "run",
    "ptpdomain": ELSEWHERE,
    "ptpport": ELSEWHERE,
    "ratelimit": "run",
    "refclock": "refclocks.test_a_segment_is_a_source",
    "refresh": "names of sources are resolved again after the time that refresh has",
    "reselectdist": "stratumweight and reselectdist count in seconds of distance",
    "rtcautotrim": "rtcautotrim waits until our own clock is synchronised",
    "rtcdevice": "devices are set up",
    "rtcfile": "the clock is read now and then, reported, and written down when an operator wants it",
    "rtconutc": "dates on UTC and on local time, summer and winter",
    "rtcsync": "the kernel is told synchronised only when it may set the RTC",
    "sched_priority": "a real-time priority is for the processes that keep the time",
    "server": "run",
    "smoothtime": "an offset is smoothed out within the limits, in three stages",
    "sourcedir": "sourcedirs: pools are told by their name, servers by their address or number",
    "stratumweight": "stratumweight and reselectdist count in seconds of distance",
    "tempcomp": "run",
    "user": "healing.test_roles_run_without_privileges",
    # chrony reads and ignores them
    "commandkey": "directives that chrony has given up are accepted whatever they say",
    "dumponexit": "directives that chrony has given up are accepted whatever they say",
    "generatecommandkey": "directives that chrony has given up are accepted whatever they say",
    "linux_freq_scale": "directives that chrony has given up are accepted whatever they say",
    "linux_hz": "directives that chrony has given up are accepted whatever they say",
}

SOURCE_OPTIONS = {
    "asymmetry": "with shortest delay and asymmetry of its network told the clock is kept better",
    "auto_offline": "auto_offline takes a source offline when nothing can be sent",
    "burst": "the burst option asks again at once when the measurement was not good and the interval is long",
    "certset": "certificates.test_each_source_is_believed_by_its_own_set",
    "copy": "with copy we serve our source's stratum and reference as ours",
    "extfield": "extension_fields.test_gnomond_from_chronyd",
    "filter": "run",
    "iburst": "run",
    "ipv4": "run",
    "ipv6": "run ipv4",
    "key": "symmetric_keys.test_chronyd_answers_gnomond_for_every_type_and_version",
    "maxdelay": "run",
    "maxdelaydevratio": "maxdelayratio, maxdelaydevratio and maxdelayquant keep unusual round trips out",
    "maxdelayquant": "maxdelayratio, maxdelaydevratio and maxdelayquant keep unusual round trips out",
    "maxdelayratio": "maxdelayratio, maxdelaydevratio and maxdelayquant keep unusual round trips out",
    "maxntsretry": "waits after failures double, from what the failure is worth to maxntsretry's limit",
    "maxpoll": "run",
    "maxsamples": "run",
    "maxsources": "a pool becomes as many sources as it may, each address once",
    "maxunreach": "what is beyond maxunreach is not selected, and says why",
    "mindelay": "mindelay takes the place of the smallest delay seen",
    "minpoll": "run",
    "minsamples": "run",
    "minstratum": "run",
    "noselect": "run",
    "nts": "chrony.test_gnomond_takes_authenticated_time_from_chronyd",
    "ntsport": "chrony.test_gnomond_takes_authenticated_time_from_chronyd",
    "offline": "run",
    "offset": "run",
    "polltarget": "a larger polltarget makes for shorter intervals",
    "port": "run",
    "prefer": "a preferred source keeps the others out while it is good",
    "presend": "run",
    "require": "a required source must be among the good ones",
    "trust": "a trusted source that stands alone outvotes the others",
    "version": "run",
    "xleave": "run",
}

SELECTION = "What a line says of selection is what selection is told of a reference clock"

REFCLOCK_OPTIONS = {
    "delay": "A clock that tells the time gives a sample for each poll interval",
    "dpoll": "A clock that tells the time gives a sample for each poll interval",
    "filter": "The oldest readings go when the filter is full",
    "local": "A local clock, without true time, says that it is not synchronised",
    "lock": "A pulse is numbered by the clock that it is locked to",
    "maxdispersion": "Readings too far apart give no sample with maxdispersion",
    "maxlockage": "A pulse is numbered by the clock that it is locked to",
    "maxsamples": SELECTION,
    "maxunreach": "A clock that has become silent is not reachable, and after maxunreach too long so",
    "minsamples": SELECTION,
    "noselect": SELECTION,
    "offset": "A clock that tells the time gives a sample for each poll interval",
    "poll": "A clock that tells the time gives a sample for each poll interval",
    "pps": "A clock that is whole seconds off is a clock of pulses with the option pps",
    "precision": "A clock is as precise as its line says",
    "prefer": SELECTION,
    "rate": "by its rate one begins a part of a second",
    "refid": "A clock is as precise as its line says, and has the stratum and the name that it gives",
    "require": SELECTION,
    "stratum": "A clock is as precise as its line says, and has the stratum and the name that it gives",
    "tai": "A clock in TAI is corrected by the table of leap seconds",
    "trust": SELECTION,
    "width": "By its width a pulse of the other edge is left out",
}

CARD = "a card has as many samples as its line allows, and is as precise as its line says"

TIMESTAMP_OPTIONS = {
    "maxpoll": "each card has the options of its line",
    "maxsamples": CARD,
    "minpoll": "each card has the options of its line",
    "minsamples": CARD,
    "nocrossts": "each card has the options of its line",
    "precision": CARD,
    "rxcomp": "a packet has arrived when its last bit has",
    "rxfilter": "of the receive filters that a card has, the one that fits best",
    "txcomp": "a card's timestamp becomes our clock's time",
}

LOCAL_OPTIONS = {
    "activate": "run",
    "distance": "the local reference takes over where the clock is too far off",
    "orphan": "of orphans the one of the smallest address leads, and is followed at the next stratum",
    "stratum": "run",
    "waitsynced": "local activate waits until the clock was once good, waitsynced and waitunsynced for time to pass",
    "waitunsynced": "run",
}



def members():
    """Of the structs that the parser fills in, as "Struct.member"."""
    for header in ("config.hpp", "hardware.hpp"):
        text = (ROOT / "config" / header).read_text(encoding="utf-8")
        for struct, body in re.findall(r"struct (\w+) \{(.*?)\n\};", text, re.DOTALL):
            for member in re.findall(r"^ +[\w:<>, ]+ (\w+)(?: =.*|\{.*)?;", body, re.MULTILINE):
                yield f"{struct}.{member}"


def parsed():
    """Names in the tables of the parser: of directives, and of options by what they are options of."""
    found = {"Directive": set()}
    for path in sorted((ROOT / "config").glob("directives_*.cpp")):
        text = path.read_text(encoding="utf-8")
        for kind, name in re.findall(r'(Directive|OptionOf<\w+>)\{\s*\{?\s*\.name = "(\w+)"', text):
            found.setdefault(kind, set()).add(name)
    return found


def unit_tests():
    names = []
    for path in sorted((ROOT / "tests/unit").rglob("*.cpp")):
        for literals in re.findall(r'TEST_CASE\(\s*((?:"[^"]*"\s*)+)', path.read_text(encoding="utf-8")):
            names.append("".join(re.findall(r'"([^"]*)"', literals)))
    return names


class Directives(unittest.TestCase):
    def setUp(self):
        runs = (ROOT / "tests/interop/test_directives.py").read_text(encoding="utf-8")
        self.runs = set(re.findall(r'(?:Effect|Socket)\("([\w ]+)"', runs))
        self.runs |= {f"server {name}" for name in re.findall(r'option\("(\w+)"', runs)}
        self.unit_tests = unit_tests()

    def exists(self, shown_by, name):
        if shown_by == ELSEWHERE:
            return True
        if shown_by.split()[0] == "run":
            wanted = " ".join([*name.split()[:-1], *shown_by.split()[1:]]) if " " in shown_by else name
            return wanted in self.runs
        if found := re.fullmatch(r"((?:nts/)?)(\w+)\.(test_\w+)", shown_by):
            folder, file, test = found.groups()
            file = file if file.startswith("test_") else f"test_{file}"
            path = ROOT / "tests/interop" / folder / f"{file}.py"
            return path.exists() and f"def {test}(" in path.read_text(encoding="utf-8")
        return any(shown_by in test for test in self.unit_tests)

    def check(self, table, kind, prefix=""):
        self.assertEqual(parsed()[kind] - table.keys(), set(), "have no row: say which test shows their effect")
        self.assertEqual(table.keys() - parsed()[kind], set(), "are no directives or options any more")
        missing = {name: shown_by for name, shown_by in table.items() if not self.exists(shown_by, prefix + name)}
        self.assertEqual(missing, {}, "are shown by a test that is not there")

    def test_every_directive_has_its_effect_shown(self):
        self.check(DIRECTIVES, "Directive")

    def test_every_option_of_a_source_has_its_effect_shown(self):
        self.check(SOURCE_OPTIONS, "OptionOf<Source>", "server ")

    def test_every_option_of_a_reference_clock_has_its_effect_shown(self):
        self.check(REFCLOCK_OPTIONS, "OptionOf<RefClock>", "refclock ")

    def test_every_option_of_a_network_card_has_its_effect_shown(self):
        self.check(TIMESTAMP_OPTIONS, "OptionOf<HardwareTimestamp>", "hwtimestamp ")

    def test_every_option_of_local_has_its_effect_shown(self):
        self.check(LOCAL_OPTIONS, "OptionOf<Local>", "local ")

    def test_every_setting_is_read_by_the_daemon(self):
        code = "".join(path.read_text(encoding="utf-8") for folder in ("daemon", "helpers")
                       for path in (ROOT / folder).rglob("*.[ch]pp"))
        read = set(re.findall(r"(?:\.|->|::)(\w+)", code))
        unread = {member for member in members() if member.split(".")[1] not in read}
        self.assertEqual(unread, set(), "are set by the parser and read by nobody")


if __name__ == "__main__":
    unittest.main()
