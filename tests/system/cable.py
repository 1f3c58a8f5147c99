# SPDX-License-Identifier: GPL-2.0-or-later
"""Another network at the other end of a cable: a namespace of its own, where servers of true time live."""

import ctypes

from service import run

AWAY = "away"  # the namespace
CABLE = "cable"  # our end
CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def plug_in(*addresses):
    """The addresses are of the other end; ours has none yet."""
    for words in (f"netns add {AWAY}", f"link add {CABLE} type veth peer name far netns {AWAY}", f"-n {AWAY} link set far up",
                  f"-n {AWAY} link set lo up", *(f"-n {AWAY} addr add {address}/24 dev far" for address in addresses)):
        run("ip", *words.split())


def address(ours):
    run("ip", "addr", "replace", f"{ours}/24", "dev", CABLE)
    run("ip", "link", "set", CABLE, "up")


def at_the_other_end(work):
    """What it returns; sockets that it makes are there."""
    with open("/proc/self/ns/net", "rb") as here, open(f"/run/netns/{AWAY}", "rb") as there:
        if _libc.setns(there.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        try:
            return work()
        finally:
            _libc.setns(here.fileno(), CLONE_NEWNET)
