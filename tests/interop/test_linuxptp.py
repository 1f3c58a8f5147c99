#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""PTP by linuxptp: what ptp4l writes to shared memory or, from version 4 on, sends to a socket is a source, and timemaster starts
gnomond as it starts chronyd, with the configuration that it writes. Stock chronyd does the same beside it. The grandmaster is
another machine at the end of a cable; timestamps are the kernel's, since there is no PTP clock here: what phc2sys makes of one
is tested in tests/system."""

import ctypes
import csv
import functools
import os
import pathlib
import re
import shutil
import subprocess
import unittest

import surroundings
from daemons import Chronyd, Daemon, Scene, has_ended, kill, until
from other_machine import OUR_END, THEIR_END, THEIRS, Machine

UNIT = 7
CLONE_NEWIPC = 0x8000000
ASYMMETRY = 0.003  # s, which ptp4l is told and the cable has not: an error of its time, with a sign
NEAR = 0.0001  # s
OFTEN = ("logAnnounceInterval -2", "logSyncInterval -3", "logMinDelayReqInterval -3")
LIBC = ctypes.CDLL(None, use_errno=True)


def find(program):
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


@functools.cache
def version():
    done = subprocess.run([find("ptp4l"), "-v"], capture_output=True, text=True, check=True)
    return int(re.match(r"v?(\d+)", done.stdout)[1])


def ask(command_socket, report):
    """The lines of chronyc, each as its fields; none while nobody answers."""
    done = subprocess.run([surroundings.CHRONYC, "-c", "-n", "-h", str(command_socket), report], capture_output=True, text=True,
                          timeout=surroundings.PATIENCE, check=False)
    return list(csv.reader(done.stdout.splitlines()))


def rows(command_socket):
    """By name of the source."""
    return {row[2]: row for row in ask(command_socket, "sources") if len(row) == 10}


def tracking(command_socket):
    lines = ask(command_socket, "tracking")
    return lines[0] if len(lines) == 1 and len(lines[0]) > 4 else None


def children(pid):
    return [int(each) for each in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


@unittest.skipUnless(surroundings.OWN_NETWORK, "needs root and a network of its own")
@unittest.skipUnless(find("ptp4l") and find("timemaster"), "needs linuxptp")
@unittest.skipUnless(surroundings.CHRONYD and surroundings.CHRONYC, "needs chrony")
class Linuxptp(Scene):
    """With a grandmaster at the other end of the cable."""

    def setUp(self):
        super().setUp()
        # System V's shared memory is the whole machine's; this one is gone with the test.
        self.assertEqual(0, LIBC.unshare(CLONE_NEWIPC))
        self.machine = Machine(self)
        self.ptp4l("grandmaster", THEIR_END, "free_running 1", wrapper=self.machine.enter)

    def ptp4l(self, name, interface, *lines, wrapper=()):
        own = [f"uds_address {self.folder}/{name}.uds"]
        own += [f"uds_ro_address {self.folder}/{name}.uds-ro"] if version() >= 4 else []
        configuration = self.folder / f"{name}.conf"
        configuration.write_text("\n".join(["[global]", "use_syslog 0", "verbose 1", *OFTEN, *own, *lines]) + "\n", encoding="ascii")
        return Daemon(self, name, [find("ptp4l"), "-S", "-i", interface, "-f", str(configuration)], wrapper=wrapper)


class Ptp4l(Linuxptp):
    def client(self, name, *servo):
        return self.ptp4l(name, OUR_END, "slaveOnly 1", f"delayAsymmetry {round(ASYMMETRY * 1e9)}", *servo)

    def wait_until_measured(self, command_socket):
        """The offset in s that chronyc shows of it once it is selected and its samples are good."""
        def look():
            row = rows(command_socket).get("PTP")
            return row if row and row[:2] == ["#", "*"] and abs(abs(float(row[8])) - ASYMMETRY) < NEAR else None

        return float(until("PTP is selected, by as much off as ptp4l is told", look)[8])

    def wait_until_tracked(self, command_socket):
        """The offset in s of the clock, which stays with -x: that of its sources chronyd shows for a moment only, until it
        has corrected the clock that it has in mind."""
        def look():
            row = tracking(command_socket)
            return float(row[4]) if row and abs(abs(float(row[4])) - ASYMMETRY) < NEAR else None

        return until("the clock is by as much off as ptp4l is told", look)

    def compare(self, line, servo):
        command_socket = self.state_folder("gnomond") / "run" / "chronyd.sock"
        gnomond = self.start("gnomond", line, "port 0", f"bindcmdaddress {command_socket}").wait_until_ready()
        ptp4l = self.client("for-gnomond", *servo)
        ours = self.wait_until_measured(command_socket)
        source = gnomond.wait_until_selected("PTP")
        tracked = self.wait_until_tracked(command_socket)
        self.assertEqual("refclock", source["kind"])
        self.assertAlmostEqual(ours, source["measured_offset"], delta=NEAR)
        self.assertEqual(0, ptp4l.stop())
        gnomond.wait_for_source("PTP", "is missed", lambda source: not source["reach"] & 1)
        ptp4l = self.client("again", *servo)
        gnomond.wait_for_source("PTP", "is back", lambda source: source["reach"] & 1)
        self.assertEqual((0, 0), (ptp4l.stop(), gnomond.stop()))
        self.assertNotIn("cannot be used", gnomond.log)
        chronyd = Chronyd(self, "chronyd", [line, "port 0"]).wait_until_ready()
        self.client("for-chronyd", *servo)
        self.assertGreater(tracked * self.wait_until_tracked(chronyd.socket), 0, "the same sign")

    def test_shared_memory(self):
        self.compare(f"refclock SHM {UNIT} refid PTP poll 0 dpoll -1 precision 1e-9 delay 1e-5",
                     ("clock_servo ntpshm", f"ntpshm_segment {UNIT}"))

    def test_shared_memory_that_ptp4l_has_made(self):
        """As root's, with mode 600."""
        ptp4l = self.client("first", "clock_servo ntpshm", f"ntpshm_segment {UNIT}")
        ptp4l.wait_for_log("INITIALIZING to LISTENING")
        gnomond = self.start("gnomond", f"refclock SHM {UNIT} refid PTP poll 0 dpoll -1", "port 0").wait_until_ready()
        self.assertAlmostEqual(ASYMMETRY, abs(gnomond.wait_until_selected("PTP")["measured_offset"]), delta=NEAR)

    def test_a_socket(self):
        if version() < 4:
            self.skipTest("ptp4l of before version 4 has no refclock_sock")
        path = self.state_folder("samples") / "ptp.sock"
        self.compare(f"refclock SOCK {path} refid PTP poll 0 precision 1e-9 delay 1e-5",
                     ("clock_servo refclock_sock", f"refclock_sock_address {path}"))


class Timemaster(Linuxptp):
    def timemaster(self, program, name, *more):
        """With all that it can write for chronyd: servers, domains, and lines of the administrator's."""
        folder = self.state_folder(name)
        link = folder / "chronyd"
        if not link.is_symlink():
            link.symlink_to(program)
        (folder / "more.conf").write_text(f"pidfile {folder}/pid\nport 0\n", encoding="ascii")
        configuration = folder / "timemaster.conf"
        configuration.write_text("\n".join([
            f"[ntp_server {THEIRS}]", "minpoll 0", "maxpoll 1", "iburst 1", "ntp_options xleave",
            "[ptp_domain 0]", f"interfaces {OUR_END}", "ntp_poll 0", "phc2sys_poll -2", "delay 10e-6", "ntp_options prefer",
            *(f"ptp4l_option {line}" for line in OFTEN), *more,
            "[ptp_domain 1]", f"interfaces {OUR_END}", "ptp4l_option delay_mechanism P2P",
            "[timemaster]", "ntp_program chronyd", f"rundir {folder}/written", f"first_shm_segment {UNIT}",
            "[chronyd]", f"path {link}", f"options -x -u {self.user}",
            "[chrony.conf]", f"include {folder}/more.conf", "makestep 1 3", "logchange 0.5", "rtcsync", f"driftfile {folder}/drift",
            "cmdport 0", f"bindcmdaddress {folder}/run/chronyd.sock",
            "[phc2sys]", f"path {find('phc2sys')}", "[ptp4l]", f"path {find('ptp4l')}", "options -l 6 -m -q"]) + "\n", encoding="ascii")
        return Daemon(self, f"{name}-timemaster", [find("timemaster"), "-m", "-q", "-l", "7", "-f", str(configuration)])

    def started(self, timemaster, program, name):
        """The process of the daemon, once PTP is selected and the server is reached."""
        def look():
            timemaster.still_there()
            found = rows(self.folder / name / "run" / "chronyd.sock")
            ptp = [row for each, row in sorted(found.items()) if re.fullmatch(r"PTP\d", each)]
            return ([row[:2] for row in ptp] == [["#", "*"], ["#", "?"]] and abs(float(ptp[0][8])) < NEAR
                    and found.get(THEIRS, ["", "", "", "", "", "0"])[5] != "0")

        until(f"{name} follows PTP beside a server", look)
        daemon, = timemaster.children("chronyd")
        self.assertTrue(os.path.samefile(program, f"/proc/{daemon}/exe"))
        self.assertEqual(f"{daemon}\n", (self.folder / name / "pid").read_text(encoding="ascii"))
        self.assertEqual(2, len(timemaster.children("ptp4l")))
        return daemon

    def test_timemaster(self):
        Chronyd(self, "server", ["local stratum 1", "allow"], wrapper=self.machine.enter)
        for program in (surroundings.PROGRAM, surroundings.CHRONYD):
            name = pathlib.Path(program).name
            with self.subTest(name):
                timemaster = self.timemaster(program, name)
                daemon = self.started(timemaster, program, name)
                all_of_it = [daemon, *children(daemon), *timemaster.children("ptp4l")]
                kill(daemon)
                self.assertEqual(1, timemaster.wait(), "it ends with the daemon")
                until("nothing is left", lambda pids=all_of_it: all(map(has_ended, pids)))
                # What a daemon that was killed has left is not in the way.
                timemaster = self.timemaster(program, name)
                daemon = self.started(timemaster, program, name)
                all_of_it = [daemon, *children(daemon), *timemaster.children("ptp4l")]
                self.assertEqual(0, timemaster.stop(), "it stops all")
                self.assertEqual([], [pid for pid in all_of_it if not has_ended(pid)])
                self.assertNotRegex(timemaster.log, rf"process {daemon} terminated (abnormally|with status [1-9])")
                self.assertEqual([], list((self.folder / name / "written").glob("*.conf")))
                self.assertFalse((self.folder / name / "pid").exists())

    def test_a_line_that_is_none_ends_timemaster(self):
        for program in (surroundings.PROGRAM, surroundings.CHRONYD):
            with self.subTest(program):
                timemaster = self.timemaster(program, f"bad-{pathlib.Path(program).name}", "ntp_options nonsense")
                self.assertEqual(1, timemaster.wait())
                self.assertRegex(timemaster.log, r"process \d+ terminated with status 1")


if __name__ == "__main__":
    unittest.main(verbosity=2)
