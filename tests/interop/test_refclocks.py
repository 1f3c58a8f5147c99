#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Reference clocks: what other programs write to shared memory and to sockets becomes a source, through processes of
which the one that reads devices sees no network. chronyc shows it as chronyd's."""

import ctypes
import os
import signal
import socket
import struct
import subprocess
import threading
import time
import unittest

import surroundings
from daemons import Scene, kill
from patience import until

KEY = 0x4E545030
MAGIC = 0x534F434B
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.shmat.restype = ctypes.c_void_p
UNIT = 160 + os.getpid() % 90


# The daemon takes no samples from its own user's processes.
NEEDS_ANOTHER_USER = unittest.skipUnless(surroundings.IS_ROOT, "only root may send samples as another user than the daemon's")


class Segment:
    """What gpsd and ntpd share, made by us or by the daemon."""

    def __init__(self, test, unit=UNIT, mode=0o600):
        self.id = LIBC.shmget(KEY + unit, 96, 0o1000 | mode)
        if self.id < 0:
            raise OSError(ctypes.get_errno(), "shmget")
        self.address = LIBC.shmat(self.id, None, 0)
        self.count = 0
        test.addCleanup(LIBC.shmctl, self.id, 0, None)

    def write(self, offset, valid=1):
        receive = time.time()
        clock = receive + offset
        self.count += 2
        fields = struct.pack("=iiqi4xqiiiiiII", 1, self.count, int(clock), int(clock % 1 * 1e6), int(receive),
                             int(receive % 1 * 1e6), 0, -20, 0, valid, int(clock % 1 * 1e9), int(receive % 1 * 1e9))
        ctypes.memmove(self.address, fields, len(fields))


def datagram(offset, at=None, pulse=0, leap=0, magic=MAGIC):
    at = time.time() if at is None else at
    return struct.pack("=qqdiiii", int(at), int(at % 1 * 1e6), offset, pulse, leap, 0, magic)


class Refclocks(Scene):
    def feed(self, write, interval=0.25):
        """Until the test is over."""
        over = threading.Event()

        def run():
            while not over.wait(interval):
                write()

        thread = threading.Thread(target=run)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(over.set)

    def chronyc(self, daemon, *words):
        done = subprocess.run([surroundings.CHRONYC, "-h", str(daemon.command_socket), *words], capture_output=True,
                              text=True, timeout=60, check=False)
        return done.stdout

    def test_a_segment_is_a_source(self):
        segment = Segment(self)
        self.feed(lambda: segment.write(0.125))
        command_socket = self.state_folder("shm") / "run" / "chronyd.sock"
        daemon = self.start("shm", f"refclock SHM {UNIT} refid GPS poll 0 dpoll -1 delay 0.01", "port 0",
                            f"bindcmdaddress {command_socket}").wait_until_ready()
        source = daemon.wait_until_selected("GPS")
        self.assertEqual("refclock", source["kind"])
        self.assertAlmostEqual(-0.125, source["measured_offset"], delta=0.02)
        self.assertEqual(["GPS"], [each["name"] for each in daemon.ask("explain")["sources"]])
        tracking = daemon.ask("tracking")
        self.assertEqual((1, "GPS", int.from_bytes(b"GPS\0", "big")),
                         (tracking["stratum"], tracking["name"], tracking["reference_id"]))
        self.assertEqual(0, daemon.ask("activity")["online"])
        if surroundings.CHRONYC:
            self.assertRegex(self.chronyc(daemon, "sources"), r"(?m)^#\* GPS +0 +0 ")
            self.assertRegex(self.chronyc(daemon, "sourcestats"), r"(?m)^GPS +\d+ ")
            if surroundings.IS_ROOT:  # no open report
                self.assertRegex(self.chronyc(daemon, "selectdata"), r"(?m)^\* GPS +N ")
            self.assertRegex(self.chronyc(daemon, "tracking"), r"(?m)^Reference ID    : 47505300 \(GPS\)\nStratum         : 1$")
            self.assertIn("0 sources online", self.chronyc(daemon, "activity"))

    def test_its_selection_options_and_its_offset_are_changed(self):
        """By gnomonctl, and by a chronyc that knows these commands (4.4 and later)."""
        segment = Segment(self)
        self.feed(lambda: segment.write(0.0))
        command_socket = self.state_folder("options") / "run" / "chronyd.sock"
        daemon = self.start("options", f"refclock SHM {UNIT} refid GPS poll 0 dpoll -1", "port 0",
                            f"bindcmdaddress {command_socket}").wait_until_ready()
        daemon.wait_until_selected("GPS")
        self.assertIsNotNone(daemon.operate("selectopts", "GPS", "+noselect"))
        until("it is not selected", lambda: daemon.source("GPS")["reason"] == "no_select")
        self.assertIsNotNone(daemon.operate("offset", "GPS", "3"))
        until("its offset counts", lambda: abs(daemon.source("GPS")["measured_offset"] + 3) < 0.1)
        self.assertIsNone(daemon.operate("selectopts", "PPS", "+noselect"))
        if not surroundings.CHRONYC or "selectopts" not in self.chronyc(daemon, "help"):
            return
        self.assertEqual("200 OK\n", self.chronyc(daemon, "selectopts", "GPS", "-noselect"))
        daemon.wait_until_selected("GPS")
        self.assertEqual("200 OK\n", self.chronyc(daemon, "offset", "GPS", "0"))
        until("its offset counts", lambda: abs(daemon.source("GPS")["measured_offset"]) < 0.1)
        self.assertIn("503 No such source", self.chronyc(daemon, "offset", "PPS", "0"))

    def test_the_process_that_reads_is_confined_and_is_started_again(self):
        segment = Segment(self)
        self.feed(lambda: segment.write(0.0))
        daemon = self.start("again", f"refclock SHM {UNIT} refid GPS poll 0 dpoll -1", "port 0").wait_until_ready()
        daemon.wait_until_selected("GPS")
        first, = daemon.children("gnomon-refclock")
        with open(f"/proc/{first}/status", encoding="ascii") as file:
            status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
        self.assertEqual(0, int(status["CapEff"], 16) | int(status["CapPrm"], 16))
        if surroundings.IS_ROOT:
            self.assertNotIn("0", status["Uid"].split())
        if status["Seccomp"] != "0":  # a build with a sanitizer has none
            self.assertEqual("2", status["Seccomp"].strip())
        kill(first)
        until("another is started", lambda: [pid for pid in daemon.children("gnomon-refclock") if pid != first])
        time.sleep(2.5)
        before = daemon.source("GPS")["last_rx"]
        self.assertLess(before, 2.5, "samples resume")
        self.assertIn("gnomon-refclock was killed by SIGKILL", daemon.log)

    def test_a_segment_of_a_stranger_is_refused_unless_that_is_allowed(self):
        if not surroundings.IS_ROOT:
            self.skipTest("only root can act for another user")
        segment = Segment(self, UNIT, 0o666)
        info = bytearray(512)
        buffer = (ctypes.c_char * len(info)).from_buffer(info)
        self.assertEqual(0, LIBC.shmctl(segment.id, 2, buffer))
        struct.pack_into("=I", info, 4, 65534)  # shm_perm.uid
        self.assertEqual(0, LIBC.shmctl(segment.id, 1, buffer))
        self.feed(lambda: segment.write(0.0))
        daemon = self.start("strange", f"refclock SHM {UNIT} refid BAD poll 0 dpoll -1", "port 0").wait_until_ready()
        daemon.wait_for_log(rf"Reference clock SHM {UNIT} cannot be used: the segment belongs to user 65534")
        allowed = self.start("allowed", f"refclock SHM {UNIT}:perm=0666 refid GOOD poll 0 dpoll -1",
                             "port 0").wait_until_ready()
        allowed.wait_until_selected("GOOD")
        self.assertEqual("unselectable", daemon.source("BAD")["state"])

    def test_a_segment_that_a_stranger_gave_to_root_is_still_refused(self):
        if not surroundings.IS_ROOT:
            self.skipTest("only root can act for another user")
        stranger = os.fork()
        if stranger == 0:
            try:
                os.setgid(65534)
                os.setuid(65534)
                given = LIBC.shmget(KEY + UNIT, 96, 0o1000 | 0o600)
                info = bytearray(512)
                buffer = (ctypes.c_char * len(info)).from_buffer(info)
                LIBC.shmctl(given, 2, buffer)
                struct.pack_into("=II", info, 4, 0, 0)  # shm_perm.uid and .gid; who made it stays
                os._exit(1 if LIBC.shmctl(given, 1, buffer) else 0)
            finally:
                os._exit(2)
        self.assertEqual(0, os.waitpid(stranger, 0)[1])
        self.addCleanup(lambda: LIBC.shmctl(LIBC.shmget(KEY + UNIT, 0, 0), 0, None))
        daemon = self.start("given", f"refclock SHM {UNIT} refid BAD poll 0 dpoll -1", "port 0").wait_until_ready()
        daemon.wait_for_log(rf"Reference clock SHM {UNIT} cannot be used: the segment belongs to user 65534")

    @NEEDS_ANOTHER_USER
    def test_a_socket_is_a_source_and_stays_when_the_reader_dies(self):
        path = self.state_folder("sock") / "samples.sock"
        daemon = self.start("sock", f"refclock SOCK {path} refid SCK poll 0", "port 0").wait_until_ready()
        self.assertEqual(0o600, path.stat().st_mode & 0o777)
        writer = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(writer.close)
        writer.connect(str(path))
        self.feed(lambda: writer.send(datagram(-2.5)))
        source = daemon.wait_until_selected("SCK")
        self.assertAlmostEqual(2.5, source["measured_offset"], delta=0.01)
        reader, = daemon.children("gnomon-refclock")
        kill(reader)
        until("samples resume", lambda: (daemon.source("SCK") or {}).get("last_rx", 9) < 1
              and daemon.children("gnomon-refclock") not in ([], [reader]))
        daemon.stop()
        self.assertFalse(path.exists())

    @NEEDS_ANOTHER_USER
    def test_what_is_no_sample_is_told_once_and_harms_nothing(self):
        path = self.state_folder("bad") / "samples.sock"
        daemon = self.start("bad", f"refclock SOCK {path} refid SCK poll 0", "port 0").wait_until_ready()
        writer = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(writer.close)
        writer.connect(str(path))

        def write():
            for bad in (b"", b"x" * 4000, datagram(0.5, magic=7), datagram(float("nan")), datagram(1e300),
                        datagram(0.5, at=3e9), datagram(0.5, at=1)):
                writer.send(bad)
            writer.send(datagram(0.25))

        self.feed(write)
        source = daemon.wait_until_selected("SCK")
        self.assertAlmostEqual(-0.25, source["measured_offset"], delta=0.01)
        self.assertEqual(1, daemon.log.count("cannot be used: a"))

    @NEEDS_ANOTHER_USER
    def test_pulses_are_numbered_by_the_clock_that_they_are_locked_to(self):
        path = self.state_folder("lock") / "pps.sock"
        segment = Segment(self)
        self.feed(lambda: segment.write(0.2))  # a receiver whose sentences are 0.2 s early
        daemon = self.start("lock", f"refclock SHM {UNIT} refid NMEA noselect poll 0 dpoll -1",
                            f"refclock SOCK {path} refid PPS lock NMEA poll 0", "port 0").wait_until_ready()
        writer = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(writer.close)
        writer.connect(str(path))
        self.feed(lambda: writer.send(datagram(0.0005, pulse=1)))
        source = daemon.wait_until_selected("PPS")
        self.assertAlmostEqual(-0.0005, source["measured_offset"], delta=0.0004)
        self.assertEqual("no_select", daemon.source("NMEA")["reason"])

    def test_a_device_that_is_missing_is_told_once_with_what_to_do(self):
        segment = Segment(self)
        self.feed(lambda: segment.write(0.0))
        daemon = self.start("missing", "refclock PPS /dev/no-such-pps refid PPS",
                            f"refclock SHM {UNIT} refid GPS poll 0 dpoll -1", "port 0").wait_until_ready()
        daemon.wait_until_selected("GPS")
        self.assertEqual(1, daemon.log.count("Reference clock PPS /dev/no-such-pps cannot be used"))
        selection = {each["name"]: each for each in daemon.ask("selectdata")["sources"]}
        self.assertIn("gives no readings; check its device", selection["PPS"]["explanation"])
        explained = daemon.ask("explain")
        self.assertEqual(("synchronised", ["PPS", "GPS"]), (explained["cause"], [each["name"] for each in explained["sources"]]))
        self.assertIn("It follows GPS, at stratum 1", explained["summary"])


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    unittest.main(verbosity=2)
