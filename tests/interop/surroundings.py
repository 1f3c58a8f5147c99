# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the interop tests run: without the right to set the clock, in a network of their own when possible."""

import atexit
import ctypes
import fcntl
import os
import pathlib
import shutil
import socket
import struct
import tempfile

import all_skipped  # noqa: F401
from patience import PATIENCE  # noqa: F401

CAP_SYS_TIME = 25
PR_CAPBSET_DROP = 24
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
CLONE_NEWNET, CLONE_NEWNS = 0x40000000, 0x20000
MS_PRIVATE, MS_REC, MS_BIND = 1 << 18, 1 << 14, 1 << 12
MNT_DETACH = 2

_libc = ctypes.CDLL(None, use_errno=True)


def others_reach(root):
    return all(each.stat().st_mode & 0o001 for each in (pathlib.Path(root), *pathlib.Path(root).parents))


def show_to_others(root):
    """Nobody but root reaches what is below /root. There, the tree has another place in a mount namespace of our own."""
    if os.geteuid() != 0 or not root or others_reach(root):
        return
    place, ours = tempfile.mkdtemp(prefix="gnomon-tests-"), os.getpid()
    os.chmod(place, 0o755)
    if (_libc.unshare(CLONE_NEWNS) != 0 or _libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) != 0
            or _libc.mount(root.encode(), place.encode(), None, MS_BIND, None) != 0):
        os.rmdir(place)
        return

    def remove():
        if os.getpid() == ours:
            _libc.umount2(place.encode(), MNT_DETACH)
            os.rmdir(place)

    atexit.register(remove)
    for name, value in os.environ.items():
        os.environ[name] = value.replace(root, place)


show_to_others(os.environ.get("GNOMON_SOURCE_ROOT", ""))

PROGRAM = os.environ.get("GNOMOND", "")
CONTROL_PROGRAM = os.environ.get("GNOMONCTL", "")
SOURCE_ROOT = os.environ.get("GNOMON_SOURCE_ROOT", "")
IS_ROOT = os.geteuid() == 0
# A container without mount namespaces may have the tree below /root: its root may become another user, who then reaches no program.
RUNS_AS_OTHERS = IS_ROOT and others_reach(SOURCE_ROOT or "/")
CHRONYD = shutil.which("chronyd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
CHRONYC = os.environ.get("CHRONYC") or shutil.which("chronyc")


def give_up_the_clock():
    """Nothing that is started from here on can get CAP_SYS_TIME."""
    if IS_ROOT and _libc.prctl(PR_CAPBSET_DROP, CAP_SYS_TIME, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "cannot drop CAP_SYS_TIME from the bounding set")
    _libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)()
    if _libc.capget(header, data) != 0:
        raise OSError(ctypes.get_errno(), "capget")
    for each in range(3):
        data[each] &= ~(1 << CAP_SYS_TIME) & 0xFFFFFFFF
    if _libc.capset(header, data) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def enter_own_network():
    """A network namespace with only its loopback; without the right to make one, the machine's loopback."""
    if not IS_ROOT or _libc.unshare(CLONE_NEWNET) != 0:
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        siocgifflags, siocsifflags, iff_up = 0x8913, 0x8914, 1
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(control, siocgifflags, request))[1]
        fcntl.ioctl(control, siocsifflags, struct.pack("16sh14x", b"lo", flags | iff_up))
    return True


def enter_own_hosts(lines):
    """An /etc/hosts of these lines and localhost, in a mount namespace of our own."""
    if not IS_ROOT or _libc.unshare(CLONE_NEWNS) != 0:
        return False
    with tempfile.NamedTemporaryFile("w", prefix="gnomon-hosts-") as hosts:
        os.chmod(hosts.name, 0o644)
        print("127.0.0.1 localhost", "::1 localhost", *lines, sep="\n", file=hosts)
        hosts.flush()
        return (_libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) == 0
                and _libc.mount(hosts.name.encode(), b"/etc/hosts", None, MS_BIND, None) == 0)


def hide(path):
    """An empty file in its place, in a mount namespace of our own."""
    return (IS_ROOT and _libc.unshare(CLONE_NEWNS) == 0
            and _libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) == 0
            and _libc.mount(b"/dev/null", path.encode(), None, MS_BIND, None) == 0)


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


def free_port():
    """A port that nothing uses now, for UDP and TCP alike."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp, socket.socket(
            socket.AF_INET, socket.SOCK_DGRAM
        ) as udp:
            tcp.bind(("127.0.0.1", 0))
            port = tcp.getsockname()[1]
            try:
                udp.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


give_up_the_clock()
OWN_NETWORK = enter_own_network()
