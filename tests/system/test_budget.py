#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A core in enemy hands: raw messages to the installed gnomon-clock, which turns the real clock of this machine."""

import glob
import os
import pathlib
import signal
import socket
import struct
import subprocess
import tempfile
import time
import unittest

import kernel_clock
from machine import PROGRAM, USER

READ_CLOCK, ADJUST, STEP, SET_STATUS, CLOCK_READING, ADJUSTED, REFUSED = range(1, 8)
SECOND = 1_000_000_000
PPM = 1_000_000  # rates travel in units of 1e-12


def program():
    prefix = pathlib.Path(PROGRAM).resolve().parent.parent
    named = os.environ.get("GNOMON_CLOCK")
    found = [named] if named else sorted(glob.glob(f"{prefix}/lib*/**/gnomon-clock", recursive=True))
    if not found:
        raise AssertionError(f"no gnomon-clock below {prefix}: set GNOMON_CLOCK")
    return found[0]


class Helper:
    """gnomon-clock with us for its core."""

    def __init__(self, *budget):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.channel = ours
        self.channel.settimeout(5)
        self.messages = tempfile.TemporaryFile()
        descriptor = theirs.fileno()

        def hand_over():
            if descriptor != 3:
                os.dup2(descriptor, 3)
            os.set_inheritable(3, True)

        self.process = subprocess.Popen([program(), f"user={USER}", *budget], stdin=subprocess.DEVNULL,
                                        stderr=self.messages, preexec_fn=hand_over, pass_fds=(3,))
        theirs.close()

    def say(self, kind, body=b""):
        """The type of the answer; None: it has hung up. The end of a slew is passed over."""
        try:
            self.channel.send(struct.pack(">BBHI", 1, kind, len(body), 7) + body)
            while True:
                answer = self.channel.recv(8192)
                if not answer:
                    return None
                _, answered, _, request = struct.unpack(">BBHI", answer[:8])
                if request == 7:
                    return answered
        except (BrokenPipeError, ConnectionResetError):
            return None

    def adjust(self, frequency=0, slew=0, seconds=0):
        return self.say(ADJUST, struct.pack(">qqq", frequency * PPM, slew * PPM, seconds * SECOND))

    def step(self, seconds):
        return self.say(STEP, struct.pack(">q", round(seconds * SECOND)))

    def end(self):
        self.channel.close()
        status = self.process.wait(5)
        self.messages.seek(0)
        return status, self.messages.read().decode(errors="replace")

    def kill(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


class Budget(unittest.TestCase):
    STRICT = ("max-slew-rate=1000", "max-drift=100", "step-threshold=0.1", "step-limit=2", "max-change=5",
              "max-change-start=1")

    def setUp(self):
        kernel_clock.reset()
        self.addCleanup(kernel_clock.reset)

    def start(self, *budget):
        helper = Helper(*(budget or self.STRICT))
        self.addCleanup(helper.kill)
        self.assertEqual(CLOCK_READING, helper.say(READ_CLOCK))
        return helper

    def test_the_clock_is_stepped_as_often_and_as_far_as_allowed(self):
        helper = self.start()
        self.assertEqual(ADJUSTED, helper.step(20))
        self.assertAlmostEqual(20, kernel_clock.error(), delta=0.01)
        for seconds in (0.05, 5.1, -1000, 1e9):
            self.assertEqual(REFUSED, helper.step(seconds))
        self.assertEqual(ADJUSTED, helper.step(-5))
        for _ in range(50):
            self.assertEqual(REFUSED, helper.step(1))
        self.assertAlmostEqual(15, kernel_clock.error(), delta=0.01)
        status, messages = helper.end()
        self.assertEqual(0, status)
        self.assertIn("number of steps is 2", messages)
        self.assertIn("maxchange is 5 s", messages)

    def test_the_clock_runs_no_faster_than_allowed_and_no_longer_than_the_core_lives(self):
        helper = self.start()
        for arguments in ({"frequency": 101}, {"slew": 1001, "seconds": 1}, {"slew": -1001, "seconds": 1}):
            self.assertEqual(REFUSED, helper.adjust(**arguments))
        self.assertEqual(0, kernel_clock.rate_ppm())
        self.assertEqual(ADJUSTED, helper.adjust(frequency=100, slew=1000, seconds=1000))
        self.assertAlmostEqual(1100, kernel_clock.rate_ppm(), delta=0.1)
        self.assertEqual(REFUSED, helper.adjust(slew=1000, seconds=5001))
        self.assertEqual(0, helper.end()[0])
        self.assertAlmostEqual(100, kernel_clock.rate_ppm(), delta=0.1)

    def test_garbage_ends_the_helper_and_moves_nothing(self):
        for body in (b"", b"\0" * 7, b"\0" * 9, b"\x80" + b"\0" * 7):
            with self.subTest(body=body):
                helper = self.start()
                began = kernel_clock.error()
                self.assertIsNone(helper.say(STEP, body))
                self.assertEqual(1, helper.end()[0])
                self.assertAlmostEqual(began, kernel_clock.error(), delta=0.01)

    def test_a_helper_that_is_killed_leaves_no_slew_to_the_next_one(self):
        helper = self.start()
        self.assertEqual(ADJUSTED, helper.adjust(slew=1000, seconds=1000))
        helper.kill()
        time.sleep(0.1)
        self.start()
        self.assertEqual(0, kernel_clock.rate_ppm())


if __name__ == "__main__":
    unittest.main()
