# SPDX-License-Identifier: GPL-2.0-or-later
"""Call sites and faults: what the injector lists, and what it is told to make fail."""

import dataclasses
import errno
import os
import re
import zlib

INJECTOR = os.environ.get("GNOMON_FAULT_INJECTOR", "")

# What each call plausibly fails with; the first one is the most telling.
ERRORS = {
    "open": ("EMFILE", "EACCES", "EIO"),
    "openat": ("EMFILE", "EACCES", "ENOSPC", "EROFS", "ENFILE", "EINTR"),
    "close": ("EIO", "EINTR"),
    "read": ("EIO", "EINTR", "EAGAIN"),
    "readv": ("EIO", "EINTR", "EAGAIN"),
    "write": ("ENOSPC", "EIO", "EDQUOT", "EINTR", "EAGAIN"),
    "writev": ("ENOSPC", "EIO", "EINTR", "EAGAIN"),
    "fsync": ("EIO", "ENOSPC", "EDQUOT"),
    "fdatasync": ("EIO", "ENOSPC"),
    "ftruncate": ("EIO", "ENOSPC"),
    "rename": ("EIO", "EACCES", "ENOSPC", "EROFS"),
    "mkdir": ("EACCES", "ENOSPC", "EROFS"),
    "unlink": ("EACCES", "EROFS", "EIO"),
    "socket": ("EMFILE", "ENOBUFS", "EACCES", "ENFILE"),
    "socketpair": ("EMFILE", "ENOBUFS"),
    "bind": ("EADDRINUSE", "EACCES"),
    "connect": ("ENETUNREACH", "ECONNREFUSED", "EACCES", "EINTR"),
    "accept": ("EMFILE", "ECONNABORTED", "EINTR", "ENOBUFS"),
    "accept4": ("EMFILE", "ECONNABORTED", "EINTR", "ENOBUFS"),
    "sendto": ("ENOBUFS", "ENETUNREACH", "EAGAIN", "ECONNREFUSED", "EINTR"),
    "sendmsg": ("ENOBUFS", "ENETUNREACH", "EAGAIN", "ECONNRESET", "EINTR"),
    "sendmmsg": ("ENOBUFS", "ENETUNREACH", "EAGAIN", "EINTR"),
    "recvfrom": ("ECONNREFUSED", "EAGAIN", "ECONNRESET", "EINTR"),
    "recvmsg": ("ECONNREFUSED", "EAGAIN", "ECONNRESET", "EINTR"),
    "recvmmsg": ("ECONNREFUSED", "EAGAIN", "EINTR"),
    "poll": ("EINTR",),
    "ppoll": ("EINTR",),
    "epoll_wait": ("EINTR",),
    "epoll_pwait": ("EINTR",),
    "epoll_create1": ("EMFILE",),
    "epoll_ctl": ("ENOSPC",),
    "eventfd2": ("EMFILE",),
    "timerfd_create": ("EMFILE",),
    "signalfd4": ("EMFILE",),
    "pidfd_open": ("EMFILE",),
    "memfd_create": ("EMFILE",),
    "dup2": ("EIO",),
    "vfork": ("EAGAIN",),
    "clone3": ("EAGAIN",),
    "execve": ("ENOENT", "EACCES"),
    "fcntl": ("EMFILE",),
    "seccomp": ("EINVAL",),
    "landlock_add_rule": ("EINVAL",),
}
OTHERWISE = ("EPERM",)


def short(name):
    """A function's name without namespaces of ours, templates' and functions' arguments."""
    name = re.sub(r"\[abi:\w+\]|\(anonymous namespace\)::|gnomon::", "", name)
    while (fewer := re.sub(r"<[^<>]*>", "", name)) != name:
        name = fewer
    return re.sub(r"\(.*$", "", name).strip() or "?"


@dataclasses.dataclass(frozen=True)
class Site:
    """One place from where a program makes a system call: who called whom."""

    program: str
    call: str
    stack: str
    names: tuple = dataclasses.field(compare=False, default=())

    def __str__(self):
        ours = [name for name in map(short, self.names) if not re.match(r"lib|_|std::|boost::|main$|\?", name)]
        return f"{self.program} {self.call} from {' < '.join(ours[:4]) or self.stack}"


@dataclasses.dataclass(frozen=True)
class Fault:
    """That site's call fails with that error, once."""

    site: Site
    error: str

    def __str__(self):
        return f"{self.site} fails with {self.error}"

    def words(self):
        return ("--fail", self.site.program, self.site.call, self.site.stack, str(getattr(errno, self.error)), "1")


def faults_of(site, every):
    """Every fault of a site; or one, which differs from site to site."""
    errors = ERRORS.get(site.call, OTHERWISE)
    chosen = errors if every else (errors[zlib.crc32(str(site).encode()) % len(errors)],)
    return [Fault(site, error) for error in chosen]


@dataclasses.dataclass
class Report:
    """What the injector wrote."""

    pid: int = 0
    hit: bool = False
    sites: list = dataclasses.field(default_factory=list)
    deaths: list = dataclasses.field(default_factory=list)  # program and signal
    ends: list = dataclasses.field(default_factory=list)  # program and status


def read_report(path):
    report = Report()
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        words, *names = line.split("\t")
        what, *values = words.split(" ")
        if what == "pid":
            report.pid = int(values[0])
        elif what == "hit":
            report.hit = True
        elif what == "site":
            report.sites.append(Site(*values, tuple(names)))
        elif what == "died":
            report.deaths.append((values[0], int(values[1])))
        elif what == "exited":
            report.ends.append((values[0], int(values[1])))
    return report


def wrapper(report, fault=None):
    """The words before a program's own that let it run under the injector."""
    return (INJECTOR, str(report), *(fault.words() if fault else ()), "--")
