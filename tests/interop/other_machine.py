# SPDX-License-Identifier: GPL-2.0-or-later
"""Another machine, as a network namespace with one cable to ours."""

import os
import subprocess

from daemons import until

OURS, THEIRS = "192.0.2.1", "192.0.2.2"
OUR_END, THEIR_END = "near", "far"


class Machine:
    """Gone when the test ends; `enter` before a program's words starts it there. Needs root and a network of our own."""

    def __init__(self, test):
        self.holder = subprocess.Popen(["unshare", "-n", "sleep", "1000"])
        test.addCleanup(self.stop)
        until("the other machine is there", lambda: os.readlink(f"/proc/{self.holder.pid}/ns/net")
              != os.readlink("/proc/self/ns/net"))
        for words in (f"link add {OUR_END} type veth peer name {THEIR_END} netns {self.holder.pid}",
                      f"addr add {OURS}/24 dev {OUR_END}", f"link set {OUR_END} up"):
            subprocess.run(["ip", *words.split()], check=True)
        for words in (f"addr add {THEIRS}/24 dev {THEIR_END}", f"link set {THEIR_END} up", "link set lo up"):
            subprocess.run([*self.enter, "ip", *words.split()], check=True)

    @property
    def enter(self):
        return ["nsenter", "-t", str(self.holder.pid), "-n"]

    def stop(self):
        subprocess.run(["ip", "link", "del", OUR_END], check=False)
        self.holder.kill()
        self.holder.wait()
