# SPDX-License-Identifier: GPL-2.0-or-later
"""The installed package as a service of systemd, seen by whoever runs the machine and by a client on the network."""

import json
import pathlib
import re
import socket
import subprocess
import threading
import time

CONFIGURATION = pathlib.Path("/etc/gnomon/gnomon.conf")
REQUEST = b"\x23" + bytes(39)


def run(*words, check=True):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(words)}: status {done.returncode}\n{done.stdout}{done.stderr}\n"
                             + subprocess.run(["journalctl", "-n", "30", "--no-pager", "-u", "gnomond"],
                                              capture_output=True, text=True, check=False).stdout)
    return done.stdout.strip()


def value(unit, name):
    return run("systemctl", "show", "-P", name, unit)


def said():
    """By this start of the daemon."""
    return run("journalctl", "--no-pager", "-o", "cat", f"_SYSTEMD_INVOCATION_ID={value('gnomond', 'InvocationID')}")


def ask(command):
    answer = subprocess.run(["gnomonctl", "--json", command], capture_output=True, text=True, check=False)
    return json.loads(answer.stdout) if answer.returncode == 0 else None


def configure(*lines):
    CONFIGURATION.write_text("\n".join(["driftfile /var/lib/gnomon/drift", "ntsdumpdir /var/lib/gnomon", *lines]) + "\n",
                             encoding="ascii")
    run("systemctl", "restart", "gnomond")


def processes():
    """Names and process ids of the service's processes; gnomon-ntske is there more than once."""
    status = run("systemctl", "status", "--no-pager", "-n", "0", "gnomond", check=False)
    return [(name, int(pid)) for pid, name in re.findall(r"(?m)^\W*(\d+) \S*/(gnomon-?\w+)(?:\s|$)", status)]


def roles():
    return dict(processes())


def capabilities(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return {key: int(re.search(rf"{key}:\s*(\w+)", status)[1], 16) for key in ("CapEff", "CapPrm", "CapAmb")}


def apparmor_label(pid):
    return pathlib.Path(f"/proc/{pid}/attr/current").read_text(encoding="ascii").strip()


def apparmor_denials():
    return [line for line in run("dmesg").splitlines() if 'apparmor="DENIED"' in line]


def overflown():
    """Datagrams dropped by the kernel since boot, because a socket's buffer was full."""
    names, values = (line.split() for line in pathlib.Path("/proc/net/snmp").read_text(encoding="ascii").splitlines()
                     if line.startswith("Udp:"))
    return int(values[names.index("RcvbufErrors")])


class Traffic:
    """A client that asks all the time and counts what is answered."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", 123))
        self.sent, self.answered, self.stop, self.patience = 0, set(), False, 0.0
        self.threads = [threading.Thread(target=self._send), threading.Thread(target=self._receive)]
        for thread in self.threads:
            thread.start()

    def _send(self):
        while not self.stop:
            try:
                self.socket.send(REQUEST + self.sent.to_bytes(8, "big"))
                self.sent += 1
            except ConnectionRefusedError:
                self.sent += 1  # nobody had the port: lost
            time.sleep(0.04)  # what a socket buffer of usual size holds for several seconds of restart

    def _receive(self):
        self.socket.settimeout(1.0)
        while True:
            try:
                self.answered.add(int.from_bytes(self.socket.recv(512)[24:32], "big"))
            except ConnectionRefusedError:
                continue
            except TimeoutError:
                if self.stop and (len(self.answered) == self.sent or time.monotonic() > self.patience):
                    return

    def end(self):
        self.patience = time.monotonic() + 15.0
        self.stop = True
        for thread in self.threads:
            thread.join()
        self.socket.close()
        return self.sent - len(self.answered)
