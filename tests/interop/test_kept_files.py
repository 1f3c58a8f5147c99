#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Files that gnomond and stock chronyd both write: one writes, the other reads and writes them again, and the values are
compared. The samples of a source, the cookies of a client, the keys of a server. (The drift file: test_kept_clock.py.)"""

import contextlib
import os
import shutil
import socket
import struct
import threading
import time
import unittest

import surroundings
from daemons import Chronyd, Scene, client_line, server_lines, until

FROM_1900_TO_1970 = 2208988800
BEHIND = 0.25  # s: the scripted server
ROOT_DELAY, ROOT_DISPERSION = 2**-5, 3 * 2**-6
STRATUM = 3
COLUMNS = ("offset", "measured", "delay", "dispersion", "root delay", "root dispersion")


class SlowServer:
    """A server whose clock is behind, with a root delay and dispersion that are exact in every form."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    @staticmethod
    def timestamp():
        now = time.time() - BEHIND + FROM_1900_TO_1970
        return struct.pack(">II", int(now), int(now % 1 * 2**32))

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                request, client = self.socket.recvfrom(512)
                received = self.timestamp()
                front = struct.pack(">BBbbII", 0x24, STRATUM, 6, -20, round(ROOT_DELAY * 65536), round(ROOT_DISPERSION * 65536))
                self.socket.sendto(front + b"\x7f\x09\x09\x09" + received + request[40:48] + received + self.timestamp(),
                                   client)


class Dump:
    def __init__(self, path):
        lines = path.read_text(encoding="ascii").splitlines()
        self.heading = lines[:2]
        self.authenticated, self.reach, _, self.stratum, self.leap = lines[2].split()
        self.count = int(lines[3].split()[0])
        rows = [line.split() for line in lines[4:]]
        self.samples = [(row[0], dict(zip(COLUMNS, (float(word) for word in row[1:])))) for row in rows]


@unittest.skipUnless(surroundings.CHRONYD and surroundings.CHRONYC, "chrony is not installed")
class Samples(Scene):
    def setUp(self):
        super().setUp()
        self.server = SlowServer()
        self.addCleanup(self.server.socket.close)

    def client(self, program, name, port, options=()):
        # Nobody follows it: chronyd would correct the clock that it has in mind, even with -x.
        line = f"server 127.0.0.1 port {port} iburst minpoll 0 maxpoll 0 noselect"
        if program == "gnomond":
            return self.start(name, line, f"dumpdir {self.folder / name}", options=("-x", *options)).wait_until_ready()
        return Chronyd(self, name, [line, f"dumpdir {self.folder / name}"], options).wait_until_ready()

    def count(self, daemon):
        if isinstance(daemon, Chronyd):
            return int(daemon.ask("sourcestats")[0][1])
        return daemon.ask("sourcestats")["sources"][0]["samples"]

    def offset(self, daemon):
        """Positive: our clock is ahead."""
        if isinstance(daemon, Chronyd):
            return float(daemon.ask("sourcestats")[0][6])
        return daemon.ask("sourcestats")["sources"][0]["estimated_offset"]

    def file_of(self, daemon):
        return daemon.folder / "127.0.0.1.dat"

    def give(self, file, name, owner=None):
        folder = self.state_folder(name, mode=0o700, owner=owner)
        given = folder / file.name
        shutil.copyfile(file, given)
        os.chown(given, folder.stat().st_uid, folder.stat().st_gid)

    def written_by(self, program):
        """By one that has measured the slow server."""
        daemon = self.client(program, f"{program}-writes", self.server.port)
        until("samples", lambda: self.count(daemon) >= 6)
        offset = self.offset(daemon)
        self.assertAlmostEqual(BEHIND, offset, delta=0.02)
        daemon.stop()
        return self.file_of(daemon), offset

    def read_by(self, program, file):
        """By one that nobody answers: at its end it writes what it has read."""
        name = f"{program}-reads"
        self.give(file, name, owner="root" if program == "chronyd" else None)
        daemon = self.client(program, name, self.hold_port(socket.SOCK_DGRAM).getsockname()[1], options=("-r",))
        daemon.wait_for_log("Loaded dump file for 127.0.0.1")
        offset = self.offset(daemon)
        daemon.stop()
        return self.file_of(daemon), offset

    def assert_right(self, dump):
        self.assertEqual(["SRC0", "127.0.0.1"], dump.heading)
        self.assertEqual(("0", str(STRATUM), "0"), (dump.authenticated, dump.stratum, dump.leap))
        self.assertEqual(dump.count, len(dump.samples))
        for at, sample in dump.samples:
            self.assertAlmostEqual(time.time(), float(at), delta=120)
            for column in ("offset", "measured"):  # a machine may be busy: half a round trip is what one may be wrong by
                self.assertAlmostEqual(BEHIND, sample[column], delta=0.002 + sample["delay"] / 2, msg=column)
            self.assertTrue(0 < sample["delay"] < 0.1 and 0 <= sample["dispersion"] < 0.01, sample)
            self.assertAlmostEqual(ROOT_DELAY + sample["delay"], sample["root delay"], delta=2e-6)
            self.assertAlmostEqual(ROOT_DISPERSION + sample["dispersion"], sample["root dispersion"], delta=2e-6)

    def assert_handed_over(self, writer, reader):
        file, offset = self.written_by(writer)
        written = Dump(file)
        self.assert_right(written)
        file, read_offset = self.read_by(reader, file)
        again = Dump(file)
        self.assert_right(again)
        self.assertEqual(written.reach, again.reach)
        self.assertAlmostEqual(offset, read_offset, delta=2e-3)
        # A reader may leave the oldest out.
        self.assertGreaterEqual(len(again.samples), 4)
        for (at, theirs), (at_again, ours) in zip(written.samples[-len(again.samples):], again.samples):
            self.assertAlmostEqual(float(at), float(at_again), delta=2e-6)
            for column in COLUMNS:
                self.assertAlmostEqual(theirs[column], ours[column], delta=2e-6, msg=column)

    def test_gnomond_reads_what_chronyd_has_measured(self):
        self.assert_handed_over("chronyd", "gnomond")

    def test_chronyd_reads_what_gnomond_has_measured(self):
        self.assert_handed_over("gnomond", "chronyd")


class Secrets(Scene):
    """Files with keys: given to a daemon in a folder of its own, ntsdumpdir."""

    def setUp(self):
        super().setUp()
        self.ca = self.authority()
        self.certificate = self.ca.issue("server")

    def ntsdumpdir(self, name, owner=None):
        return self.state_folder(name, mode=0o700, owner=owner)

    def put(self, folder, name, text):
        path = folder / name
        path.write_text(text, encoding="ascii")
        os.chmod(path, 0o600)
        os.chown(path, folder.stat().st_uid, folder.stat().st_gid)
        return path


@unittest.skipUnless(surroundings.CHRONYD and surroundings.CHRONYC, "chrony is not installed")
class Cookies(Secrets):
    def client(self, program, name, server, text=None):
        folder = self.ntsdumpdir(f"{name}-state", "root" if program == "chronyd" else None)
        path = folder / "127.0.0.1.nts"
        if text:
            self.put(folder, path.name, text)
        lines = [client_line(server, nts=True), "nosystemcert", f"ntstrustedcerts {self.ca.certificate}",
                 f"ntsdumpdir {folder}"]
        if program == "gnomond":
            return self.start(name, *lines).wait_until_ready(), path
        return Chronyd(self, name, lines).wait_until_ready(), path

    def written_by(self, program, server):
        daemon, path = self.client(program, f"{program}-writes", server)
        daemon.wait_until_selected("127.0.0.1")
        daemon.stop()
        return path.read_text(encoding="ascii")

    def read_by(self, program, server, text):
        daemon, path = self.client(program, f"{program}-reads", server, text)
        daemon.stop()
        return path.read_text(encoding="ascii")

    def assert_handed_over(self, writer, reader):
        server = self.start_server(certificate=self.certificate, extra=("ntsaeads 15",))  # that of every chronyd
        written = self.written_by(writer, server)
        server.stop()
        lines, again = written.splitlines(), self.read_by(reader, server, written).splitlines()
        identifier, name, established, address, keys = lines[:5]
        self.assertEqual(["NNC0", "127.0.0.1", f"127.0.0.1 {server.port}"], [identifier, name, address])
        self.assertAlmostEqual(time.time(), float(established), delta=120)
        self.assertRegex(keys, r"^\d+ 15 [0-9A-F]{64} [0-9A-F]{64}$")
        self.assertEqual([identifier, name, address, keys], [*again[:2], *again[3:5]])
        self.assertAlmostEqual(float(established), float(again[2]), delta=0.2)
        # The oldest may have been spent in vain.
        self.assertGreaterEqual(len(again[5:]), 1)
        self.assertLess(len(lines[5:]) - len(again[5:]), 3)
        self.assertLessEqual(set(again[5:]), set(lines[5:]))
        self.assertEqual(len(set(again[5:])), len(again[5:]))

    def test_gnomond_reads_the_cookies_of_chronyd(self):
        self.assert_handed_over("chronyd", "gnomond")

    def test_chronyd_reads_the_cookies_of_gnomond(self):
        self.assert_handed_over("gnomond", "chronyd")


class Keys(Secrets):
    # As chrony 4.4 has them when it has been given the keys of an older one, and has made new ones since.
    OF_BOTH_AEADS = "NKS1\n12.5\n" + "".join(
        f"{0x1234ABCC + i:08X} {(str(i + 1) * 64)[:digits]} {aead}\n" for i, (aead, digits) in enumerate(
            ((15, 64), (15, 64), (30, 32), (30, 32))))

    def serve(self, program, name, text=None, *rotation):
        """What a server makes of the keys it is given, at its end; without: its own."""
        folder = self.ntsdumpdir(f"{name}-state", "root" if program == "chronyd" else None)
        path = folder / "ntskeys"
        if text:
            self.put(folder, path.name, text)
        ports = surroundings.free_port(), surroundings.free_port()
        lines = [*server_lines(*ports, self.certificate), f"ntsdumpdir {folder}", *rotation]
        daemon = self.start(name, *lines) if program == "gnomond" else Chronyd(self, name, lines)
        daemon.wait_until_ready()
        if rotation:
            daemon.wait_for_log("Rotated the server keys")
        daemon.stop()
        return path.read_text(encoding="ascii")

    @staticmethod
    def values(text):
        """The age of the current key, and (id, key, AEAD) of each. NKS0 names the AEAD of all before the age; keys of
        that AEAD alone may be written in either form, which every chronyd that writes NKS1 reads."""
        form, second, *keys = text.splitlines()
        *common, age = second.split()
        assert (form, len(common)) in (("NKS0", 1), ("NKS1", 0)), text
        return float(age), [tuple(line.split() + common) for line in keys]

    def assert_the_same(self, written, again):
        (age, keys), (age_again, keys_again) = self.values(written), self.values(again)
        self.assertEqual([3] * 4, [len(key) for key in keys])
        self.assertEqual(keys, keys_again)
        self.assertTrue(0 <= age_again - age < 60, (age, age_again))

    def test_gnomond_keeps_keys_of_both_aeads(self):
        self.assert_the_same(self.OF_BOTH_AEADS, self.serve("gnomond", "gnomond", self.OF_BOTH_AEADS))

    @unittest.skipUnless(surroundings.CHRONYD and surroundings.CHRONYC, "chrony is not installed")
    def test_gnomond_reads_the_keys_of_chronyd(self):
        written = self.serve("chronyd", "chronyd")
        self.assert_the_same(written, self.serve("gnomond", "gnomond", written))

    @unittest.skipUnless(surroundings.CHRONYD and surroundings.CHRONYC, "chrony is not installed")
    def test_chronyd_reads_the_keys_of_gnomond(self):
        of_chronyd = self.serve("chronyd", "chronyd")
        rotated = self.serve("gnomond", "rotates", of_chronyd, "ntsrotate 1")
        self.assertNotEqual(self.values(of_chronyd), self.values(rotated))
        self.assert_the_same(rotated, self.serve("chronyd", "reads-rotated", rotated))
        if of_chronyd.endswith(" 30\n"):  # chrony 4.4 and later, where its libraries have that AEAD
            for name, keys in (("own", self.serve("gnomond", "makes")), ("both", self.OF_BOTH_AEADS)):
                self.assert_the_same(keys, self.serve("chronyd", f"reads-{name}", keys))


if __name__ == "__main__":
    unittest.main()
