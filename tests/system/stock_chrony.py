# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's own chronyd and chronyc, unpacked and not installed, beside us, at the other end of a cable or in our place. It leaves
the clock alone, which is ours, unless it is told otherwise."""

import csv
import pathlib
import shutil
import subprocess

from service import run

ROOT = pathlib.Path("/srv/chrony")
FOLDER = pathlib.Path("/run/chrony-test")


def libraries():
    """How a program of theirs is begun: with the libraries that the machine lacks."""
    if not ROOT.exists():
        for package in pathlib.Path("/usr/share/test-packages").glob("*.deb"):
            run("dpkg-deb", "-x", str(package), str(ROOT))
    folders = ":".join(str(each) for each in ROOT.glob("usr/lib/*-linux-gnu"))
    return ("env", f"LD_LIBRARY_PATH={folders}")


def chronyc(*words, socket="/run/chrony/chronyd.sock"):
    """Of whoever is at that socket."""
    return run(*libraries(), str(ROOT / "usr/bin/chronyc"), "-h", str(socket), *words, check=False)


class Chronyd:
    """One at a time. `where`: the words before its command line."""

    def __init__(self, *lines, where=(), options=("-x",)):
        self.where = (*where, *libraries())
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(mode=0o750)
        configuration = FOLDER / "conf"
        own = [f"pidfile {FOLDER}/pid", f"bindcmdaddress {FOLDER}/sock", "cmdport 0"]
        configuration.write_text("\n".join([*lines, *own]) + "\n", encoding="ascii")
        self.process = subprocess.Popen([*self.where, str(ROOT / "usr/sbin/chronyd"), *options, "-d", "-u", "root", "-f", str(configuration)],
                                        stdin=subprocess.DEVNULL)

    def ask(self, *words):
        """What chronyc says; nothing before there is a daemon to ask."""
        return run(*self.where, str(ROOT / "usr/bin/chronyc"), "-h", f"{FOLDER}/sock", *words, check=False)

    def reached(self):
        """Names of the sources that have answered."""
        return {row[2] for row in csv.reader(self.ask("-c", "-N", "sources").splitlines()) if len(row) > 5 and int(row[5], 8)}

    def stop(self):
        self.process.kill()
        self.process.wait()
