# SPDX-License-Identifier: GPL-2.0-or-later
"""For the benches idle and footprint: gnomond and chronyd at rest, side by side, in the same parts."""

import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests" / "interop"))

PARTS = {"server": "serves NTP and NTS by its own clock", "client": "a client of one NTS server, poll 10",
         "alone": "neither sources nor clients"}


def choose_build(build):
    """Before anything of tests/interop is imported."""
    os.environ["GNOMOND"] = str(build / "daemon/launcher/gnomond")
    os.environ["GNOMONCTL"] = str(build / "ctl/gnomonctl")
    peer = build / "peer/usr"
    os.environ["PATH"] = f"{peer}/sbin:{peer}/bin:{os.environ['PATH']}"


def process_tree(pid):
    """A process and those it started."""
    found = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += process_tree(int(child))
    return found


def name_of(pid):
    words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    role = f" {words[1]}" if len(words) > 1 and words[1] in ("client", "server") else ""
    return os.path.basename(words[0]) + role


class Resting:
    """The daemons of a scene; a source for the clients."""

    def __init__(self, scene):
        self.scene, self.authority = scene, scene.authority(f"ca{len(scene.daemons)}")
        self.certificate = self.authority.issue("server")
        self.source = scene.start_chrony_server("source", self.certificate)

    def start(self, part):
        """{"gnomond" or "chronyd": daemon}"""
        import surroundings
        from daemons import Chronyd, Gnomond, server_lines

        trust = ["nosystemcert", f"ntstrustedcerts {self.authority.certificate}"]
        line = (f"server 127.0.0.1 port {self.source.port} nts ntsport {self.source.ke_port} iburst minpoll 10 maxpoll 10")
        daemons = {}
        for kind, make in (("gnomond", Gnomond), ("chronyd", Chronyd)):
            folder = self.scene.state_folder(f"{kind}-dumps", mode=0o700, owner=None if kind == "gnomond" else "root")
            ports = surroundings.free_port(), surroundings.free_port()
            lines = {"server": [*server_lines(*ports, self.certificate), f"ntsdumpdir {folder}"],
                     "client": [line, "port 0", *trust], "alone": ["port 0"]}
            daemons[kind] = make(self.scene, f"{kind}-{part}", lines[part]).wait_until_ready()
            if part == "client":
                daemons[kind].wait_until_selected("127.0.0.1")
        return daemons
