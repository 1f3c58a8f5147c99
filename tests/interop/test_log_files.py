#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""chrony's log files: written by gnomond and by stock chronyd with the same configuration, they are the same but for the
numbers; and what a log file meets in its life: rotation, a full disk, a directory that is gone."""

import ctypes
import os
import re
import shutil
import subprocess
import unittest

import surroundings
from daemons import Chronyd, Scene, client_line, until

TIME = r"20\d\d-[01]\d-[0-3]\d [0-2]\d:[0-5]\d:[0-6]\d"
SERVER = r"127\.0\.0\.1      "
E = r"[ -]\d\.\d{3}e[+-]\d\d"
F = r"[ \d-]{6,7}\.\d{3}"  # a clock that was never compared has a skew of 1000000
# Whole lines, column by column as the formats of chrony.conf(5) are.
COLUMNS = {
    "measurements": rf"{TIME} {SERVER} [N+?-] [ \d]\d [01]{{3}} [01]{{3}} [01]{{4}}  [ \d-]\d [ \d-]\d \d\.\d\d"
                    rf" {E} {E} {E} {E} {E} [0-9A-F]{{8}} 4[BI] [DKH] [DKH]",
    "statistics": rf"{TIME} {SERVER} {E} {E} {E} {E} {E} \d\.\de[+-]\d\d [ \d]{{3}} [ \d]{{3}} [ \d]{{3}} [ -]\d\.\d\d",
    "tracking": rf"{TIME} ({SERVER}|0\.0\.0\.0        ) [ \d]\d {F} {F} {E} [N+?-] [ \d]\d {E} {E} {E} {E} {E}",
    "selection": rf"{TIME} {SERVER} [*NsMrd~wSOTxWPUDp+] -[N-][P-][T-][R-] [ 0-7]{{4}} [ \d]\d\.\d\d {E} {E} {E}",
    "tempcomp": rf"{TIME} [ -]\d\.\d{{4}}e[+-]\d\d [ -]\d\.\d{{4}}e[+-]\d\d",
}
SENDMAIL = "/usr/lib/sendmail"
LOGS = "log rawmeasurements measurements statistics tracking selection tempcomp"


def lines_of(folder, name):
    try:
        return (folder / f"{name}.log").read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return []


def entries_of(folder, name):
    return [line for line in lines_of(folder, name) if line.startswith("20")]


class LogFiles(Scene):
    def log_folder(self, name):
        return self.state_folder(name)

    def client(self, name, folder, *lines, start=None, log="log tracking measurements"):
        configuration = [client_line(self.server, options="minpoll 0 maxpoll 0"), log, f"logdir {folder}", *lines]
        return start(self, name, configuration) if start else self.start(name, *configuration)

    def setUp(self):
        super().setUp()
        self.server = self.start_server()

    def enter_own_mounts(self):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(surroundings.CLONE_NEWNS) != 0:
            self.skipTest("no mount namespace")
        libc.mount(b"none", b"/", None, surroundings.MS_REC | surroundings.MS_PRIVATE, None)

    def install_as_sendmail(self, program):
        """In our mounts alone: in the place of what is there, or on a layer above /usr/lib."""
        if os.path.exists(SENDMAIL):
            subprocess.run(["mount", "--bind", program, SENDMAIL], check=True)
            self.addCleanup(subprocess.run, ["umount", "-l", SENDMAIL], check=False)
            return
        layers = self.folder / "layers"
        subprocess.run(["mkdir", "-p", layers], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", layers], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", layers], check=False)
        for each in ("upper", "work"):
            (layers / each).mkdir()
        if subprocess.run(["mount", "-t", "overlay", "overlay", "/usr/lib", "-o",
                           f"lowerdir=/usr/lib,upperdir={layers}/upper,workdir={layers}/work"], check=False).returncode != 0:
            self.skipTest("no sendmail, and no layer for one")
        self.addCleanup(subprocess.run, ["umount", "-l", "/usr/lib"], check=False)
        shutil.copy(program, SENDMAIL)

    def wait_for_entries(self, folder, name, count, daemon):
        return until(f"{count} entries in {name}.log",
                     lambda: daemon.still_there() and len(entries_of(folder, name)) >= count and entries_of(folder, name))

    @unittest.skipUnless(surroundings.CHRONYD and surroundings.CHRONYC, "chrony is not installed")
    def test_the_files_are_chronyds(self):
        sensor = self.folder / "sensor"
        sensor.write_text("26500\n", encoding="ascii")
        extra = ["logbanner 4", f"tempcomp {sensor} 1 26000 0.0 0.000183 0.0"]
        ours, theirs = self.log_folder("ours"), self.log_folder("theirs")
        if surroundings.IS_ROOT:
            shutil.chown(theirs, "root")
        one = self.client("gnomond-client", ours, *extra, log=LOGS)
        other = self.client("chronyd-client", theirs, *extra, start=Chronyd, log=LOGS)
        for name, columns in COLUMNS.items():
            for folder, daemon in ((ours, one), (theirs, other)):
                with self.subTest(log=name, daemon=daemon.name):
                    self.wait_for_entries(folder, name, 6, daemon)
                    for line in entries_of(folder, name):
                        self.assertRegex(line, f"^{columns}$")
            with self.subTest(log=name):
                banner = lines_of(theirs, name)[:3]
                self.assertEqual(banner, lines_of(ours, name)[:3])
                self.assertEqual(banner, lines_of(ours, name)[7:10])
        self.assertEqual({path.name for path in theirs.iterdir()}, {path.name for path in ours.iterdir()})
        self.assertEqual(entries_of(theirs, "tempcomp")[0].split()[2:], entries_of(ours, "tempcomp")[0].split()[2:])

    def test_a_column_means_what_chronys_means(self):
        folder = self.log_folder("logs")
        daemon = self.client("client", folder, "corrtimeratio 100", log=LOGS.replace(" tempcomp", ""))
        self.wait_for_entries(folder, "tracking", 4, daemon)
        measured = entries_of(folder, "measurements")[0].split()
        self.assertEqual(["127.0.0.1", "N", "3", "111", "111", "1111", "0", "0"], measured[2:10])
        self.assertLess(abs(float(measured[11])), 0.1)
        tracked = entries_of(folder, "tracking")
        self.assertEqual(["0.0.0.0", "0"], tracked[0].split()[2:4])
        self.assertEqual(["127.0.0.1", "4"], tracked[-1].split()[2:4])
        self.assertEqual("*", entries_of(folder, "selection")[-1].split()[3])

    def cycles(self, daemon, folder, command):
        """After a rename and that command all goes on in new files; the old ones end with a whole line."""
        self.wait_for_entries(folder, "tracking", 2, daemon)
        for name in ("tracking", "measurements"):
            os.rename(folder / f"{name}.log", folder / f"{name}.log.1")
        command()
        for name in ("tracking", "measurements"):
            self.wait_for_entries(folder, name, 1, daemon)
            self.assertTrue((folder / f"{name}.log.1").read_text(encoding="ascii").endswith("\n"))
            self.assertTrue(lines_of(folder, name)[0].startswith("====="))
            self.assertEqual(0o644, os.stat(folder / f"{name}.log").st_mode & 0o777)

    def test_cyclelogs_goes_on_in_new_files(self):
        folder = self.log_folder("logs")
        daemon = self.client("client", folder)
        self.cycles(daemon, folder, lambda: self.assertEqual({}, daemon.operate("cyclelogs")))

    @unittest.skipUnless(surroundings.IS_ROOT and surroundings.CHRONYC, "chronyc, and root that may command")
    def test_chronycs_cyclelogs_does_the_same(self):
        folder = self.log_folder("logs")
        socket = self.folder / "client" / "run" / "chronyd.sock"
        daemon = self.client("client", folder, f"bindcmdaddress {socket}")
        self.cycles(daemon, folder, lambda: subprocess.run([surroundings.CHRONYC, "-h", socket, "cyclelogs"], check=True))

    @unittest.skipUnless(surroundings.IS_ROOT, "mounting takes root")
    def test_a_full_disk_costs_one_message_and_no_half_lines(self):
        folder = self.log_folder("logs")
        self.enter_own_mounts()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k,mode=1777", "tmpfs", folder], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", folder], check=False)
        daemon = self.client("client", folder, log="log tracking")
        daemon.wait_for_log(r"Nothing can be written to \S+/tracking\.log: write: No space left on device")
        before = len(entries_of(folder, "tracking"))
        subprocess.run(["mount", "-o", "remount,size=1m", folder], check=True)
        daemon.wait_for_log(r"tracking\.log is written again; 0 lines were lost")
        self.wait_for_entries(folder, "tracking", before + 2, daemon)
        for line in entries_of(folder, "tracking"):
            self.assertRegex(line, f"^{COLUMNS['tracking']}$")
        self.assertEqual(1, len(re.findall("Nothing can be written", daemon.log)))

    def test_a_directory_that_vanishes_costs_one_message(self):
        folder = self.log_folder("logs")
        daemon = self.client("client", folder, log="log tracking")
        self.wait_for_entries(folder, "tracking", 1, daemon)
        shutil.rmtree(folder)
        daemon.wait_for_log(r"Nothing can be written to \S+/tracking\.log: open: No such file or directory")
        self.log_folder("logs")
        daemon.wait_for_log(r"tracking\.log is written again")
        self.wait_for_entries(folder, "tracking", 1, daemon)

    def test_a_link_in_the_place_of_a_log_is_not_followed(self):
        folder = self.log_folder("logs")
        target = self.state_folder("elsewhere") / "file"
        (folder / "tracking.log").symlink_to(target)
        daemon = self.client("client", folder, log="log tracking")
        daemon.wait_for_log(r"tracking\.log: a symbolic link is in its place")
        self.assertFalse(target.exists())

    @unittest.skipUnless(surroundings.IS_ROOT, "mounting takes root")
    def test_a_correction_is_a_message_and_a_mail(self):
        self.enter_own_mounts()
        mails = self.state_folder("mails")
        program = self.folder / "sendmail"
        program.write_text(f"#!/bin/sh\n(id -un; cat) >{mails}/$$\n", encoding="ascii")
        os.chmod(program, 0o755)
        self.install_as_sendmail(program)
        daemon = self.start("client", client_line(self.server, options="iburst minpoll 0 maxpoll 0 offset 0.3"),
                            "logchange 0.2", "mailonchange root@localhost 0.1")
        daemon.wait_for_log(r"System clock wrong by 0\.[23]\d{5} seconds")
        mail = until("a mail", lambda: daemon.still_there() and [
            text for text in (path.read_text(encoding="ascii") for path in mails.iterdir()) if text.endswith(".\n")])
        self.assertTrue(mail[0].startswith(f"{self.user}\nTo: root@localhost\nSubject: "))
        self.assertRegex(mail[0], r"corrects it by 0\.3\d\d seconds|corrects it by 0\.2\d\d seconds")

    def test_a_sensor_that_goes_and_comes_is_told(self):
        folder = self.log_folder("logs")
        sensor, points = self.folder / "sensor", self.folder / "points"
        points.write_text("20000 1.0\n21000 0.64\n22000 0.36\n", encoding="ascii")
        os.chmod(points, 0o644)
        daemon = self.client("client", folder, f"tempcomp {sensor} 0.1 {points}", log="log tempcomp")
        daemon.wait_for_log(rf"Could not read temperature from {sensor}: No such file or directory")
        sensor.write_text("20500\n", encoding="ascii")
        daemon.wait_for_log(rf"The temperature is read from {sensor}")
        entry = self.wait_for_entries(folder, "tempcomp", 3, daemon)[-1]
        self.assertEqual(["2.0500e+04", "8.2000e-01"], entry.split()[2:])
        self.assertEqual(1, daemon.log.count("Could not read temperature"))


if __name__ == "__main__":
    unittest.main()
