# SPDX-License-Identifier: GPL-2.0-or-later
"""What a container engine does before it starts a program: namespaces, a read-only root, a /dev of its own, few capabilities,
any user. Made with system calls alone, so that nothing has to be installed; needs root.

    container.py SETTINGS PROGRAM [ARGUMENT]...     SETTINGS: a Container as JSON

runs the program as process 1 of the container, passes SIGTERM on and returns its status."""

import ctypes
import dataclasses
import json
import os
import pathlib
import signal
import sys
import tempfile

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWPID = 0x20000, 0x4000000, 0x8000000, 0x20000000
CLONE_NEWUSER = 0x10000000
MS_RDONLY, MS_NOSUID, MS_BIND, MS_MOVE, MS_REC, MS_PRIVATE = 1, 2, 0x1000, 0x2000, 0x4000, 0x40000
MOUNT_SETATTR, AT_FDCWD, AT_RECURSIVE, MOUNT_ATTR_RDONLY = 442, -100, 0x8000, 1
PR_CAPBSET_DROP, PR_SET_PDEATHSIG = 24, 1
LAST_CAPABILITY = 40
OUTSIDE = 200000  # who identity 0 of a user namespace is
# Docker's own list.
DOCKER = (0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31)
CHOWN, DAC_OVERRIDE, SETGID, SETUID, SETPCAP, NET_BIND_SERVICE = 0, 1, 6, 7, 8, 10

_libc = ctypes.CDLL(None, use_errno=True)


@dataclasses.dataclass
class Container:
    uid: int = 0
    gid: int = 0
    capabilities: tuple = DOCKER  # what the bounding set keeps; effective for root alone
    writable: tuple = ()  # directories that are memory
    owner: int = 0  # of these
    hidden: tuple = ("/run", "/root")  # empty and read-only
    environment: dict = dataclasses.field(default_factory=dict)
    user_namespace: bool = False  # root of the container is nobody outside, as in rootless engines


def _must(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), what)


def _mount(source, target, kind, flags=0, data=""):
    _must(_libc.mount(source.encode(), str(target).encode(), kind.encode() if kind else None, flags, data.encode()),
          f"mount {target}")


def _make_read_only(path):
    attributes = (ctypes.c_uint64 * 4)(MOUNT_ATTR_RDONLY, 0, 0, 0)
    _must(_libc.syscall(MOUNT_SETATTR, AT_FDCWD, path.encode(), AT_RECURSIVE, attributes, ctypes.sizeof(attributes)),
          "mount_setattr")


def _make_root(settings):
    root = tempfile.mkdtemp(prefix="gnomon-container-")
    _mount("none", "/", None, MS_REC | MS_PRIVATE)
    _mount("/", root, None, MS_BIND | MS_REC)
    _make_read_only(root)
    inside = lambda path: pathlib.Path(root + path)
    _mount("tmpfs", inside("/dev"), "tmpfs", MS_NOSUID, "mode=0755")
    for name in ("null", "zero", "full", "random", "urandom"):
        inside(f"/dev/{name}").touch()
        _mount(f"/dev/{name}", inside(f"/dev/{name}"), None, MS_BIND)
    outside = OUTSIDE if settings.user_namespace else 0
    for path in settings.hidden:
        _mount("tmpfs", inside(path), "tmpfs", MS_NOSUID | MS_RDONLY, "mode=0755")
    for path in settings.writable:
        _mount("tmpfs", inside(path), "tmpfs", MS_NOSUID, f"mode=0755,uid={outside + settings.owner},gid={outside}")
    return root


def _give_up(settings):
    for capability in range(LAST_CAPABILITY + 1):
        if capability not in settings.capabilities:
            _must(_libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0), "prctl(PR_CAPBSET_DROP)")
    os.setgroups([])
    os.setresgid(settings.gid, settings.gid, settings.gid)
    os.setresuid(settings.uid, settings.uid, settings.uid)


def _enter_user_namespace():
    """Identities 0 to 65535 of the container are others outside; whoever maps them stays outside."""
    ready, done = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        os.read(ready[0], 1)
        for kind in ("uid", "gid"):
            pathlib.Path(f"/proc/{os.getppid()}/{kind}_map").write_bytes(f"0 {OUTSIDE} 65536\n".encode())
        os.write(done[1], b".")
        os._exit(0)
    _must(_libc.unshare(CLONE_NEWUSER), "unshare")
    os.write(ready[1], b".")
    os.read(done[0], 1)
    os.waitpid(child, 0)
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)


def _run(settings, words):
    """As process 1."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    root = _make_root(settings)
    _mount("proc", root + "/proc", "proc")
    os.chdir(root)
    _mount(root, "/", None, MS_MOVE)  # chroot alone would leave the old root there, and no user namespace is made in that
    os.chroot(".")
    os.chdir("/")
    if settings.user_namespace:
        _enter_user_namespace()
    _give_up(settings)
    os.execve(words[0], words, settings.environment)


def main():
    settings = Container(**json.loads(sys.argv[1]))
    _must(_libc.unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID), "unshare")
    process = os.fork()
    if process == 0:
        try:
            _run(settings, sys.argv[2:])
        except OSError as error:
            print(f"container: {error}", file=sys.stderr, flush=True)
        os._exit(125)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(process, signal.SIGTERM))
    while True:
        try:
            status = os.waitpid(process, 0)[1]
            break
        except InterruptedError:
            continue
    sys.exit(os.waitstatus_to_exitcode(status) & 0xFF)


if __name__ == "__main__":
    main()
