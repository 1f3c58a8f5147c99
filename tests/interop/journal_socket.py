# SPDX-License-Identifier: GPL-2.0-or-later
"""A journal of the test's own, where the machine's would be, for this process and those it starts."""

import ctypes
import pathlib
import re
import socket
import struct
import threading

import surroundings

PATH = pathlib.Path("/run/systemd/journal/socket")
CLONE_NEWNS = 0x00020000
MS_REC, MS_PRIVATE = 0x4000, 1 << 18
_libc = ctypes.CDLL(None, use_errno=True)


def enter_own_run_folder():
    """An empty /run that nobody else sees; False without the right to make one."""
    if not surroundings.IS_ROOT or _libc.unshare(CLONE_NEWNS) != 0:
        return False
    if _libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) != 0:
        return False
    if _libc.mount(b"tmpfs", b"/run", b"tmpfs", 0, b"mode=755") != 0:
        return False
    PATH.parent.mkdir(parents=True)
    return True


def parse(datagram):
    """Fields by name; what is not the native protocol is a ValueError."""
    fields = {}
    while datagram:
        line, separator, rest = datagram.partition(b"\n")
        if not separator:
            raise ValueError(f"no line break at the end: {line!r}")
        name, equals, value = line.partition(b"=")
        if not equals:
            size = struct.unpack("<Q", rest[:8])[0]
            value, rest = rest[8:8 + size], rest[8 + size:]
            if rest[:1] != b"\n":
                raise ValueError(f"{name!r} is not as long as it says")
            rest = rest[1:]
        if not re.fullmatch(rb"[A-Z][A-Z0-9_]*", name) or name in fields:
            raise ValueError(f"not a field of its own: {name!r}")
        fields[name.decode()] = value.decode()
        datagram = rest
    return fields


class Journal:
    """Takes datagrams until it is closed."""

    def __init__(self):
        PATH.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(PATH))
        PATH.chmod(0o666)
        self._datagrams = []
        self._thread = threading.Thread(target=self._receive)
        self._thread.start()

    def _receive(self):
        while datagram := self._socket.recv(65536):
            self._datagrams.append(datagram)

    @property
    def messages(self):
        return [parse(datagram) for datagram in list(self._datagrams)]

    def said(self, **fields):
        """The messages that have these fields."""
        return [each for each in self.messages if all(each.get(name) == value for name, value in fields.items())]

    def close(self):
        if self._thread.is_alive():
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as waker:
                waker.sendto(b"", str(PATH))
        self._thread.join()
        self._socket.close()
        PATH.unlink(missing_ok=True)
