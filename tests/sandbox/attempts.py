# SPDX-License-Identifier: GPL-2.0-or-later
"""What is tried from inside each process, and what must come of it. The table in docs/sandbox.md is made from this
one (`test_sandbox.py --table`)."""

import dataclasses
import errno
import os
import struct

from injection import KILLED

CLOCK, CORE, SERVER, CLIENT, RESOLVE, REFCLOCK, METRICS, PROBE, LAUNCHER = PROCESSES = (
    "clock", "core", "ntske server", "ntske client", "resolve", "refclock", "metrics", "probe", "gnomond")

ALLOWED = "allowed"
NOT_TRIED = "-"

# Numbers of x86-64, by name.
CALLS = {
    "write": 1, "connect": 42, "sendto": 44, "recvfrom": 45, "getppid": 110, "mmap": 9, "mprotect": 10, "ioctl": 16, "socket": 41, "sendmsg": 46, "shutdown": 48, "bind": 49, "listen": 50, "fork": 57, "execve": 59,
    "kill": 62, "fcntl": 72, "truncate": 76, "chdir": 80, "mkdir": 83, "unlink": 87, "symlink": 88, "chmod": 90,
    "ptrace": 101, "setuid": 105, "capset": 126, "personality": 135, "sched_setscheduler": 144, "prctl": 157,
    "adjtimex": 159, "chroot": 161, "settimeofday": 164, "mount": 165, "reboot": 169, "init_module": 175, "tgkill": 234,
    "clock_settime": 227, "openat": 257, "keyctl": 250, "unshare": 272, "perf_event_open": 298, "prlimit64": 302,
    "clock_adjtime": 305, "process_vm_readv": 310, "process_vm_writev": 311, "setns": 308, "seccomp": 317,
    "memfd_create": 319, "bpf": 321, "execveat": 322, "userfaultfd": 323, "io_uring_setup": 425, "clone3": 435,
    "pidfd_open": 434, "pidfd_getfd": 438, "setsockopt": 54,
}

AT_FDCWD = -100
CLOCK_REALTIME, CLOCK_TAI = 0, 11
ADJ_SETOFFSET, ADJ_NANO, ADJ_FREQUENCY, ADJ_TICK = 0x0100, 0x2000, 0x0002, 0x4000


def timex(modes, seconds=0, fraction=0, frequency=0, tick=10000):
    """struct timex. None that could change a clock even where it is permitted: see below."""
    return struct.pack("<I4xqqqqi4xqqqqqq", modes, 0, frequency, 0, 0, 0, 0, 0, 0, seconds, fraction, tick) + bytes(120)


@dataclasses.dataclass
class Place:
    """What the attempts of one daemon are aimed at."""
    victim: int       # another role's process
    victim_memory: str
    key: str          # the TLS key, where the guide puts it
    state: str        # the folder of the state
    state_file: str
    pid_file: str
    log: str


def text(path):
    return str(path).encode() + b"\0"


def opens(path_of, flags=os.O_RDONLY):
    return lambda place: ("openat", AT_FDCWD, text(path_of(place)), flags, 0o600)


def call(name, *arguments):
    return lambda place: (name, *arguments)


def outcome(result):
    """As the tables write it."""
    if result == KILLED:
        return KILLED
    return ALLOWED if result >= 0 else errno.errorcode.get(-result, str(result))


@dataclasses.dataclass
class Attempt:
    what: str
    make: object      # of a Place: the call's name and arguments
    expected: dict    # by process
    needs_landlock: tuple = ()  # the processes that file permissions alone would not keep from it


def everywhere(value, **others):
    """The same for all roles; gnomond only where it is named."""
    row = {process: value for process in PROCESSES}
    row[REFCLOCK] = row[METRICS] = row[PROBE] = KILLED if value == "EACCES" else value  # they may open nothing
    row[LAUNCHER] = others.pop("gnomond", NOT_TRIED)
    for process, other in others.items():
        row[process.replace("_", " ")] = other
    return row


WRITE_NEW = os.O_WRONLY | os.O_CREAT
PROT_READ, PROT_WRITE, PROT_EXEC = 1, 2, 4
MAP_PRIVATE_ANONYMOUS = 0x22
AF_UNIX, AF_INET, AF_NETLINK, AF_PACKET, AF_XDP = 1, 2, 16, 17, 44
SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_PACKET = 1, 2, 3, 10
IPPROTO_ICMP, IPPROTO_MPTCP, NETLINK_GENERIC = 1, 262, 16
SHUT_RD = 0
F_SETFL, F_DUPFD_CLOEXEC = 4, 1030
TIOCSTI, PTRACE_ATTACH, SIGKILL, RLIMIT_NOFILE = 0x5412, 16, 9, 7
PR_SET_DUMPABLE, PR_SET_NAME = 4, 15
SO_RCVBUFFORCE = 33
VECTOR = struct.pack("QQ", 0, 8)
NEVER = struct.pack("qq", 0, -1)  # no valid timespec
NO_TIME = struct.pack("qq", 0, 2_000_000)  # no valid timeval
NO_STEP = timex(ADJ_SETOFFSET | ADJ_NANO, 0, 2_000_000_000)  # refused even with CAP_SYS_TIME: no valid offset
NO_TICK = timex(ADJ_TICK, tick=1)  # likewise

ATTEMPTS = (
    # files
    Attempt("open /etc/shadow", opens(lambda _: "/etc/shadow"), everywhere("EACCES", clock=KILLED)),
    Attempt("open the TLS key", opens(lambda place: place.key), everywhere("EACCES", clock=KILLED),
            needs_landlock=(CORE, SERVER, CLIENT, RESOLVE)),
    Attempt("open a state file", opens(lambda place: place.state_file),
            everywhere("EACCES", clock=KILLED, core=ALLOWED), needs_landlock=(SERVER, CLIENT, RESOLVE)),
    Attempt("create a file in the state directory", opens(lambda place: place.state + "/new", WRITE_NEW),
            everywhere(KILLED, core=ALLOWED, resolve="ENOSYS")),
    Attempt("create a file elsewhere", opens(lambda _: "/tmp/gnomon-attempt", WRITE_NEW),
            everywhere(KILLED, core="EACCES", resolve="ENOSYS"), needs_landlock=(CORE,)),
    Attempt("open a file to append", opens(lambda place: place.state_file, os.O_RDWR | os.O_APPEND),
            everywhere(KILLED, core=ALLOWED, resolve="ENOSYS")),
    # Of a log, it would let what is written there be changed. Here it stays as it is.
    Attempt("clear O_APPEND of standard error", call("fcntl", 2, F_SETFL, os.O_APPEND), everywhere(KILLED, resolve="ENOSYS")),
    Attempt("copy standard error", call("fcntl", 2, F_DUPFD_CLOEXEC, 4), everywhere(KILLED, resolve="ENOSYS")),
    Attempt("remove the TLS key", lambda place: ("unlink", text(place.key)), everywhere(KILLED, core="EACCES"),
            needs_landlock=(CORE,)),
    Attempt("create a directory", lambda place: ("mkdir", text(place.state + "/folder"), 0o700), everywhere(KILLED)),
    Attempt("create a link", lambda place: ("symlink", text("/etc/shadow"), text(place.state + "/link")), everywhere(KILLED)),
    Attempt("chmod by name", lambda place: ("chmod", text(place.state_file), 0o777), everywhere(KILLED)),
    # sockets
    Attempt("socket: UDP", call("socket", AF_INET, SOCK_DGRAM, 0), everywhere(KILLED, core=ALLOWED, resolve=ALLOWED, probe=ALLOWED)),
    Attempt("socket: TCP", call("socket", AF_INET, SOCK_STREAM, 0),
            everywhere(KILLED, ntske_client=ALLOWED, resolve=ALLOWED)),
    Attempt("socket: Unix", call("socket", AF_UNIX, SOCK_STREAM, 0), everywhere(KILLED, resolve="ENOSYS")),
    Attempt("socket: netlink", call("socket", AF_NETLINK, SOCK_RAW, 0), everywhere(KILLED, resolve=ALLOWED)),
    Attempt("socket: MPTCP", call("socket", AF_INET, SOCK_STREAM, IPPROTO_MPTCP), everywhere(KILLED, resolve="ENOSYS")),
    Attempt("socket: ping", call("socket", AF_INET, SOCK_DGRAM, IPPROTO_ICMP), everywhere(KILLED, resolve="ENOSYS")),
    Attempt("socket: another netlink", call("socket", AF_NETLINK, SOCK_RAW, NETLINK_GENERIC), everywhere(KILLED, resolve="ENOSYS")),
    Attempt("socket: raw IP", call("socket", AF_INET, SOCK_RAW, 1), everywhere(KILLED, gnomond=KILLED)),
    Attempt("socket: packet", call("socket", AF_PACKET, SOCK_RAW, 0), everywhere(KILLED, gnomond=KILLED)),
    Attempt("socket: packet, the old way", call("socket", AF_INET, SOCK_PACKET, 0), everywhere(KILLED, gnomond=KILLED)),
    Attempt("socket: XDP", call("socket", AF_XDP, SOCK_RAW, 0), everywhere(KILLED, gnomond=KILLED)),
    Attempt("listen", call("listen", 3, 1), everywhere(KILLED)),
    # On a socket that it shares with others and with those that come after it. Standard error is none.
    Attempt("shut a socket down for receiving", call("shutdown", 2, SHUT_RD), everywhere(KILLED, resolve="ENOTSOCK")),
    Attempt("setsockopt: SO_RCVBUFFORCE", call("setsockopt", 3, 1, SO_RCVBUFFORCE, struct.pack("i", 1), 4),
            everywhere(KILLED, resolve="EPERM")),
    # Standard error, which is tried here, is no socket.
    Attempt("send to a descriptor of its own", call("sendmsg", 2, bytes(56), 0), everywhere("ENOTSOCK", refclock=KILLED)),
    # Its number is standard input's.
    Attempt("send to anybody through the journal's socket", call("sendmsg", 0, bytes(56), 0),
            everywhere(KILLED, resolve="ENOSYS")),
    Attempt("the same with sendto", call("sendto", 0, b"x", 1, 0, struct.pack("H", AF_UNIX) + b"/x", 4),
            everywhere(KILLED, resolve="ENOSYS")),
    Attempt("connect the journal's socket to another", call("connect", 0, struct.pack("H", AF_UNIX) + b"/x", 4),
            everywhere(KILLED, resolve="ENOSYS")),
    # processes
    Attempt("execve", lambda _: ("execve", text("/bin/true"), 0, 0), everywhere(KILLED, gnomond="EACCES"),
            needs_landlock=(LAUNCHER,)),
    Attempt("execveat", lambda _: ("execveat", AT_FDCWD, text("/bin/true"), 0, 0, 0), everywhere(KILLED, gnomond=KILLED)),
    Attempt("fork", call("fork"), everywhere(KILLED)),
    Attempt("clone3", call("clone3", bytes(88), 88), everywhere(KILLED, resolve="ENOSYS")),
    Attempt("ptrace another role", lambda place: ("ptrace", PTRACE_ATTACH, place.victim, 0, 0),
            everywhere(KILLED, gnomond=KILLED)),
    Attempt("read another role's memory", lambda place: ("process_vm_readv", place.victim, VECTOR, 1, VECTOR, 1, 0),
            everywhere(KILLED, gnomond=KILLED)),
    Attempt("write another role's memory", lambda place: ("process_vm_writev", place.victim, VECTOR, 1, VECTOR, 1, 0),
            everywhere(KILLED, gnomond=KILLED)),
    Attempt("open another role's /proc/PID/mem", opens(lambda place: place.victim_memory),
            everywhere("EACCES", clock=KILLED, gnomond="EACCES")),
    Attempt("take another role's descriptor", lambda place: ("pidfd_getfd", 3, 3, 0), everywhere(KILLED, gnomond=KILLED)),
    Attempt("kill another role", lambda place: ("kill", place.victim, SIGKILL), everywhere(KILLED)),
    Attempt("tgkill another role", lambda place: ("tgkill", place.victim, place.victim, SIGKILL), everywhere(KILLED, resolve="ENOSYS")),
    Attempt("prlimit another role", lambda place: ("prlimit64", place.victim, RLIMIT_NOFILE, 0, bytes(16)),
            everywhere(KILLED, resolve="ENOSYS")),
    # itself
    Attempt("setuid(0)", call("setuid", 0), everywhere(KILLED)),
    Attempt("capset", call("capset", 0, 0), everywhere(KILLED)),
    Attempt("prctl: become dumpable again", call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0), everywhere(KILLED, resolve="ENOSYS")),
    Attempt("install another filter", call("seccomp", 0, 0, 0), everywhere(KILLED)),
    Attempt("map writable and executable memory", call("mmap", 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                                                MAP_PRIVATE_ANONYMOUS, -1, 0), everywhere(KILLED)),
    Attempt("make memory executable", call("mprotect", 0, 4096, PROT_READ | PROT_EXEC), everywhere(KILLED)),
    Attempt("create a memory file", call("memfd_create", text("x"), 0), everywhere(KILLED, gnomond=KILLED)),
    Attempt("TIOCSTI", call("ioctl", 2, TIOCSTI, text("x")), everywhere(KILLED, resolve="ENOSYS")),
    Attempt("real-time priority", call("sched_setscheduler", 0, 1, struct.pack("i", 1)), everywhere(KILLED)),
    # the clock
    Attempt("clock_adjtime: read", call("clock_adjtime", CLOCK_REALTIME, timex(0)), everywhere(KILLED, clock=ALLOWED)),
    Attempt("clock_adjtime: step, without CAP_SYS_TIME", call("clock_adjtime", CLOCK_REALTIME, NO_STEP),
            everywhere(KILLED, clock="EPERM")),
    Attempt("clock_adjtime: tick, without CAP_SYS_TIME", call("clock_adjtime", CLOCK_REALTIME, NO_TICK),
            everywhere(KILLED, clock="EPERM")),
    Attempt("clock_adjtime: another clock", call("clock_adjtime", CLOCK_TAI, timex(0)), everywhere(KILLED)),
    Attempt("clock_settime", call("clock_settime", CLOCK_REALTIME, NEVER), everywhere(KILLED, gnomond=KILLED)),
    Attempt("settimeofday", call("settimeofday", NO_TIME, 0), everywhere(KILLED, gnomond=KILLED)),
    Attempt("adjtimex", call("adjtimex", timex(0)), everywhere(KILLED, gnomond=KILLED)),
    # the kernel
    Attempt("mount", call("mount", 0, text("/mnt"), text("tmpfs"), 0, 0), everywhere(KILLED, gnomond=KILLED)),
    Attempt("chroot", call("chroot", text("/")), everywhere(KILLED, gnomond=KILLED)),
    Attempt("unshare", call("unshare", 0x10000000), everywhere(KILLED, gnomond=KILLED)),
    Attempt("setns", call("setns", 3, 0), everywhere(KILLED, gnomond=KILLED)),
    Attempt("bpf", call("bpf", 0, bytes(64), 64), everywhere(KILLED, gnomond=KILLED)),
    Attempt("keyctl", call("keyctl", 0, -3, 0), everywhere(KILLED, gnomond=KILLED)),
    Attempt("perf_event_open", call("perf_event_open", bytes(128), 0, -1, -1, 0), everywhere(KILLED, gnomond=KILLED)),
    Attempt("userfaultfd", call("userfaultfd", 0), everywhere(KILLED, gnomond=KILLED)),
    Attempt("io_uring_setup", call("io_uring_setup", 1, bytes(120)), everywhere(KILLED, gnomond=KILLED)),
    Attempt("load a module", call("init_module", 0, 0, text("")), everywhere(KILLED, gnomond=KILLED)),
    Attempt("reboot", call("reboot", 0, 0, 0, 0), everywhere(KILLED, gnomond=KILLED)),
    Attempt("personality", call("personality", 0xFFFFFFFF), everywhere(KILLED, gnomond=KILLED)),
)


def secret(what, path_of, core="EACCES"):
    """Everybody may read the file that is tried: what keeps a process from it is that it is no business of its."""
    return Attempt(what, opens(path_of), everywhere("EACCES", clock=KILLED, core=core),
                   needs_landlock=tuple(name for name in (CORE, SERVER, CLIENT, RESOLVE) if name != CORE or core != ALLOWED))


# What a user is told to keep, and what else there is to steal or to learn from. These are made for the test:
NAMES_IN_ETC = ("gnomon/gnomon.conf", "gnomon/time.key", "gnomon/fleet-secret", "gnomon/gnomon.keys", "chrony/chrony.keys",
                "gnomon/ca.pem", "ssl/private/server.key", "letsencrypt/archive/time/privkey1.pem", "ssh/ssh_host_ed25519_key")
SECRETS = (
    secret("the configuration, `/etc/gnomon/gnomon.conf`", lambda _: "/etc/gnomon/gnomon.conf"),
    secret("the file of `ntsserverkey`, `/etc/gnomon/time.key`", lambda _: "/etc/gnomon/time.key"),
    secret("a TLS key in `/etc/letsencrypt`", lambda _: "/etc/letsencrypt/archive/time/privkey1.pem"),
    secret("a TLS key in `/etc/ssl/private`", lambda _: "/etc/ssl/private/server.key"),
    secret("the file of `ntskeysecret`, `/etc/gnomon/fleet-secret`", lambda _: "/etc/gnomon/fleet-secret"),
    secret("a file of `ntstrustedcerts`", lambda _: "/etc/gnomon/ca.pem"),
    secret("the file of `keyfile`", lambda _: "/etc/gnomon/gnomon.keys"),
    secret("`/etc/chrony/chrony.keys`", lambda _: "/etc/chrony/chrony.keys"),
    secret("`ntskeys`: our cookie keys", lambda place: place.state + "/ntskeys", core=ALLOWED),
    secret("`ADDRESS.nts`: keys and cookies of a source", lambda place: place.state + "/192.0.2.1.nts", core=ALLOWED),
    secret("`gnomon.time`", lambda place: place.state + "/gnomon.time", core=ALLOWED),
    secret("the pid file", lambda place: place.pid_file),
    secret("the log file of `-l`", lambda place: place.log),
    secret("`/etc/passwd`", lambda _: "/etc/passwd"),
    secret("a key of another service, `/etc/ssh/ssh_host_ed25519_key`", lambda _: "/etc/ssh/ssh_host_ed25519_key"),
)


def table(attempts=ATTEMPTS, title="attempt"):
    """As Markdown."""
    rows = [f"| {title} | " + " | ".join(PROCESSES) + " |", "|---" * (len(PROCESSES) + 1) + "|"]
    for attempt in attempts:
        rows.append(f"| {attempt.what} | " + " | ".join(attempt.expected[process] for process in PROCESSES) + " |")
    return "\n".join(rows) + "\n"
