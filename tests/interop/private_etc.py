# SPDX-License-Identifier: GPL-2.0-or-later
"""An /etc that belongs to one test alone: a mount namespace of its own, with a copy in it."""

import ctypes
import os
import pathlib
import subprocess
import sys
import tempfile

import surroundings

CLONE_NEWNS, MS_RDONLY, MS_BIND, MS_REC, MS_PRIVATE, MNT_DETACH = 0x20000, 1, 0x1000, 0x4000, 0x40000, 2

_libc = ctypes.CDLL(None, use_errno=True)


def _must(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), what)


def enter():
    """For this process and what it starts from here on. OSError where that is not permitted."""
    _must(_libc.unshare(CLONE_NEWNS), "unshare")
    _must(_libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "private mounts")
    with tempfile.TemporaryDirectory(prefix="gnomon-etc-") as folder:
        _must(_libc.mount(b"tmpfs", folder.encode(), b"tmpfs", 0, b"mode=0755"), "tmpfs")
        subprocess.run(["cp", "-a", "/etc/.", folder], check=True)
        # What a container's engine has mounted over files of /etc goes as well.
        for name in ("resolv.conf", "hosts", "hostname"):
            while os.path.ismount(f"/etc/{name}"):
                _must(_libc.umount2(f"/etc/{name}".encode(), MNT_DETACH), "umount")
        _must(_libc.mount(folder.encode(), b"/etc", None, MS_BIND, None), "another /etc")
        _must(_libc.umount2(folder.encode(), MNT_DETACH), "umount")


def enter_or_skip():
    try:
        enter()
    except OSError as error:
        print(f"SKIPPED: no /etc of its own: {error}")
        sys.exit(77)


def enter_with_own_run_or_skip():
    """With a /run and a network of its own as well; the test ends as skipped where that is not permitted."""
    try:
        if not surroundings.OWN_NETWORK:
            raise OSError("no network of its own")
        enter()
        own_run()
    except OSError as error:
        print(f"SKIPPED: {error}")
        sys.exit(77)


def put(name, text):
    """A new file in the old one's place, as most programs write it."""
    new = pathlib.Path("/etc", name + ".new")
    new.write_text(text, encoding="ascii")
    new.chmod(0o644)
    new.rename(pathlib.Path("/etc", name))


def resolve_hosts_by(modules):
    put("nsswitch.conf", f"passwd: files\ngroup: files\nhosts: {modules}\n")


def own_run():
    """An empty /run as well, and a /sys that is read-only, as in a container: there nothing waits for udev. After enter()."""
    _must(_libc.mount(b"tmpfs", b"/run", b"tmpfs", 0, b"mode=0755"), "another /run")
    _must(_libc.mount(b"sysfs", b"/sys", b"sysfs", MS_RDONLY, None), "another /sys")


def mount_over(folder, place):
    _must(_libc.mount(os.fsencode(folder), os.fsencode(place), None, MS_BIND, None), f"{folder} over {place}")


def own_dev():
    """A /dev with what programs need and nothing else: whoever listens at /dev/log there is the test's. After enter()."""
    with tempfile.TemporaryDirectory(prefix="gnomon-dev-") as folder:
        _must(_libc.mount(b"tmpfs", folder.encode(), b"tmpfs", 0, b"mode=0755"), "tmpfs")
        for name in ("null", "zero", "full", "random", "urandom", "tty"):
            pathlib.Path(folder, name).touch()
            mount_over(f"/dev/{name}", f"{folder}/{name}")
        _must(_libc.mount(folder.encode(), b"/dev", None, MS_BIND | MS_REC, None), "another /dev")
        _must(_libc.umount2(folder.encode(), MNT_DETACH), "umount")
