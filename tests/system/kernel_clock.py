# SPDX-License-Identifier: GPL-2.0-or-later
"""The clock of a throw-away machine: what it shows, how wrong it is, what the kernel does with it, and the means to
disturb it."""

import contextlib
import ctypes
import os
import re
import sys
import threading
import time

MARK = "/run/gnomon-test-vm"
if not os.path.exists(MARK):
    sys.exit(f"These tests turn the system clock. They run only in a throw-away machine, where {MARK} exists.")


def true_time_at_boot():
    """What whoever started the machine says, so that it goes on after the next boot; else 2027, no day for a leap second."""
    with open("/proc/cmdline", encoding="ascii") as line:
        told = re.search(r"\btrue_time=(\d+)", line.read())
    return int(told[1]) if told else 1_805_000_000


# True time, by definition: what no adjustment reaches, plus a constant.
TRUE_TIME_AT_BOOT_NS = true_time_at_boot() * 10**9

ADJ_OFFSET, ADJ_FREQUENCY, ADJ_STATUS, ADJ_TICK = 0x0001, 0x0002, 0x0010, 0x4000
ADJ_NANO = 0x2000
STA_PLL, STA_INS, STA_DEL, STA_UNSYNC, STA_NANO = 0x0001, 0x0010, 0x0020, 0x0040, 0x2000

_libc = ctypes.CDLL(None, use_errno=True)


class Timex(ctypes.Structure):
    _fields_ = [("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long),
                ("maxerror", ctypes.c_long), ("esterror", ctypes.c_long), ("status", ctypes.c_int),
                ("constant", ctypes.c_long), ("precision", ctypes.c_long), ("tolerance", ctypes.c_long),
                ("seconds", ctypes.c_long), ("fraction", ctypes.c_long), ("tick", ctypes.c_long),
                ("pps", ctypes.c_long * 2), ("shift", ctypes.c_int), ("more_pps", ctypes.c_long * 5),
                ("tai", ctypes.c_int), ("reserved", ctypes.c_int * 11)]

    @property
    def rate_ppm(self):
        return (self.tick - 10000) * 100 + self.freq / 65536


def adjtimex(**fields):
    request = Timex(**fields)
    if _libc.adjtimex(ctypes.byref(request)) < 0:
        raise OSError(ctypes.get_errno(), "adjtimex")
    return request


def rate_ppm():
    return adjtimex().rate_ppm


def set_rate(ppm):
    adjtimex(modes=ADJ_FREQUENCY | ADJ_TICK, tick=10000, freq=round(ppm * 65536))


_slept_ns = 0  # CLOCK_MONOTONIC_RAW stands still meanwhile


def true_time_ns():
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW) + TRUE_TIME_AT_BOOT_NS + _slept_ns


def sleep_states():
    """"mem" before "freeze": the real-time clock of qemu does not wake a machine from the latter."""
    try:
        with open("/sys/power/state", encoding="ascii") as states:
            known = states.read().split()
    except OSError:
        return []
    return [state for state in ("mem", "freeze") if state in known]


def can_suspend():
    return bool(sleep_states()) and os.path.exists("/sys/class/rtc/rtc0/wakealarm")


@contextlib.contextmanager
def power_registers_kept():
    """Of qemu's q35: after a sleep its firmware leaves the ports of power management closed, and no further sleep lasts."""
    where = 0x40, 8  # their base and their switch, in the configuration space of the bridge
    try:
        bridge = os.open("/sys/bus/pci/devices/0000:00:1f.0/config", os.O_RDWR)
    except OSError:
        yield  # another machine
        return
    before = os.pread(bridge, where[1], where[0])
    yield
    os.pwrite(bridge, before, where[0])
    os.close(bridge)


def suspend(seconds):
    """Until the real-time clock wakes us. True time goes on by what the kernel takes the sleep for, which is returned, in s.
    In a slow machine the alarm may come before the sleep, which then does not last: once more, with more time."""
    global _slept_ns

    def asleep_ns():
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.clock_gettime_ns(time.CLOCK_MONOTONIC)

    slept = 0
    for alarm in (seconds, 3 * seconds, 6 * seconds):
        before = asleep_ns()
        for text in ("0", f"+{alarm}"):
            with open("/sys/class/rtc/rtc0/wakealarm", "w", encoding="ascii") as wake:
                wake.write(text)
        with power_registers_kept(), open("/sys/power/state", "w", encoding="ascii") as state:
            state.write(sleep_states()[0])
        slept += asleep_ns() - before
        if slept > seconds / 2 * 1e9:
            break
    _slept_ns += slept
    return slept / 1e9


def error():
    """By how many seconds the system clock is ahead of true time: the reading with the narrowest bracket of a few."""
    best = None
    for _ in range(5):
        before = true_time_ns()
        shown = time.time_ns()
        after = true_time_ns()
        if best is None or after - before < best[0]:
            best = after - before, shown - (before + after) // 2
    return best[1] / 1e9


def set_error(seconds):
    """Steps the clock so that it is wrong by that much."""
    for _ in range(2):  # the second time without the page faults of the first
        time.clock_settime_ns(time.CLOCK_REALTIME, true_time_ns() + round(seconds * 1e9))


def step(seconds):
    set_error(error() + seconds)


def reset(wrong_by=0.0, ppm=0.0):
    """As after a boot: nobody steers, the kernel knows of no synchronisation, nothing is left to be slewed."""
    adjtimex(modes=ADJ_STATUS | ADJ_OFFSET, status=STA_PLL | STA_UNSYNC, offset=0)
    adjtimex(modes=ADJ_STATUS, status=STA_UNSYNC)
    set_rate(ppm)
    set_error(wrong_by)


class Trace:
    """Samples (true seconds, error, rate in ppm) taken in the background."""

    def __init__(self, interval=0.05):
        self.samples = []
        self._interval = interval
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        start = true_time_ns()
        while not self._end.wait(self._interval):
            self.samples.append(((true_time_ns() - start) / 1e9, error(), rate_ppm()))

    def stop(self):
        self._end.set()
        self._thread.join()
        return self

    def largest_rate(self):
        return max(abs(rate) for _, _, rate in self.samples)

    def jumps(self, least=0.01):
        """Changes of the error that no allowed rate explains, a step each."""
        found = []
        for (t0, e0, _), (t1, e1, _) in zip(self.samples, self.samples[1:]):
            if abs(e1 - e0) > least + 0.11 * (t1 - t0):
                found.append(e1 - e0)
        return found

    def settled_after(self, within):
        """True seconds after which the error stayed below; None: it did not."""
        last_outside = max((t for t, e, _ in self.samples if abs(e) > within), default=0.0)
        return last_outside if self.samples and abs(self.samples[-1][1]) <= within else None

    def save(self, name):
        folder = os.environ.get("VM_OUT")
        if not folder:
            return
        with open(os.path.join(folder, name + ".csv"), "w", encoding="ascii") as out:
            out.writelines(f"{t:.3f},{e:.9f},{r:.4f}\n" for t, e, r in self.samples)
