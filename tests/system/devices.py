# SPDX-License-Identifier: GPL-2.0-or-later
"""The clocks that the machine of vm/hardware.py has, as their users meet them: a wire that pulses at each true second (the
parallel port interrupts itself), a receiver that tells the second (NMEA in datagrams, for gpsd), PTP clocks of network
cards that can be set, and two cards on one wire, the second in a network namespace of its own."""

import fcntl
import os
import pathlib
import socket
import struct
import subprocess
import sys
import threading
import time

import kernel_clock
from machine import until
from service import run

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "packaging"
OTHER = "wire"  # the namespace
OURS, THEIRS = "10.9.0.1", "10.9.0.2"
PARALLEL_PORT = 0x378
RTC_SET_TIME = 0x4024700A
LATE_NS = 500_000  # where the host is busy, the machine stands still at times
SELECTED, READY, INTERRUPTS, STROBE = 0x08, 0x04, 0x10, 0x01


def put_examples():
    """Those of the package, where they say."""
    for source, target in ((EXAMPLES / "systemd/devices.conf", "/etc/systemd/system/gnomond.service.d"),
                           (EXAMPLES / "udev/70-gnomon-devices.rules", "/etc/udev/rules.d")):
        pathlib.Path(target).mkdir(parents=True, exist_ok=True)
        run("cp", str(source), target)
    run("systemctl", "daemon-reload")
    run("udevadm", "control", "--reload")
    run("udevadm", "trigger", "--subsystem-match=rtc")
    run("udevadm", "settle")


def prepare():
    """The examples are in place, and drivers are loaded."""
    put_examples()
    for module in ("igb", "parport_pc", "pps_parport"):
        run("modprobe", module)
    until("the devices are there", lambda: len(cards()) == 2 and pathlib.Path("/dev/pps0").exists(), 60)
    run("udevadm", "settle")


def cards():
    """Interfaces of this namespace with a PTP clock: the bus address, the name, and the device of the clock."""
    found = []
    for clock in sorted(pathlib.Path("/sys/class/ptp").glob("ptp*")):
        for interface in (clock / "device/net").glob("*"):
            found.append(((clock / "device").resolve().name, interface.name, "/dev/" + clock.name))
    return found


def connect():
    """The first card is ours, the second is in the other namespace. Returns their names and clocks."""
    (_, ours, our_clock), (_, theirs, their_clock) = cards()
    run("ip", "netns", "add", OTHER)
    run("ip", "link", "set", theirs, "netns", OTHER)
    address(ours)
    for words in (("addr", "add", f"{THEIRS}/24", "dev", theirs), ("link", "set", theirs, "up"), ("link", "set", "lo", "up")):
        run("ip", "-n", OTHER, *words)
    return (ours, our_clock), (theirs, their_clock)


def address(ours):
    run("ip", "addr", "replace", f"{OURS}/24", "dev", ours)
    run("ip", "link", "set", ours, "up")


def set_ptp_clock(path, beyond=0.0):
    """To true time and that much more, in s; again where it took long, since the time was then no longer true."""
    descriptor = os.open(path, os.O_RDWR)
    clock = (~descriptor << 3) | 3
    for _ in range(50):
        began = kernel_clock.true_time_ns()
        time.clock_settime_ns(clock, began + round(beyond * 1e9))
        if kernel_clock.true_time_ns() - began < LATE_NS:
            break
    os.close(descriptor)


def set_rtc(beyond=0.0):
    """To true time and that much more, in s; it counts whole ones."""
    date = time.gmtime(kernel_clock.true_time_ns() / 1e9 + beyond)
    with open("/dev/rtc0", "rb") as device:
        fcntl.ioctl(device, RTC_SET_TIME, struct.pack("9i", date.tm_sec, date.tm_min, date.tm_hour, date.tm_mday, date.tm_mon - 1,
                                                      date.tm_year - 1900, 0, 0, 0))


def rtc_fast():
    """By how many seconds it is ahead of true time: it counts whole ones, and is read until one begins. The median of three."""
    shown = pathlib.Path("/sys/class/rtc/rtc0/since_epoch")
    found = []
    while len(found) < 3:
        last = reading = int(shown.read_text(encoding="ascii"))
        while reading == last:
            before = kernel_clock.true_time_ns()
            reading = int(shown.read_text(encoding="ascii"))
        found.append(reading - (before + kernel_clock.true_time_ns()) / 2e9)
    return sorted(found)[1]


def wait_for_second(early=0.003):
    """Until the next true second begins, but for the last moment."""
    left = 1.0 - kernel_clock.true_time_ns() % 10**9 / 1e9
    time.sleep(max(left - early, 0.0))


class Pulses:
    """A pulse at each true second, by a process of its own, since its moment counts."""

    def __init__(self):
        self.process = None

    def __enter__(self):
        self.resume()
        return self

    def __exit__(self, *_):
        self.stop()

    def resume(self):
        self.process = subprocess.Popen(["chrt", "-f", "50", sys.executable, __file__])

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None


def pulse():
    port = os.open("/dev/port", os.O_RDWR)
    while True:
        wait_for_second()
        second, beyond = divmod(kernel_clock.true_time_ns(), 10**9)
        while beyond > 10**9 // 2 and kernel_clock.true_time_ns() // 10**9 == second:
            pass
        # A receiver's pulse is never late: this one is then left out.
        if kernel_clock.true_time_ns() % 10**9 > LATE_NS:
            continue
        # The printer that the port believes in takes a character, and says so by an interrupt.
        for value in (SELECTED | READY | INTERRUPTS | STROBE, SELECTED | READY | INTERRUPTS):
            os.pwrite(port, bytes([value]), PARALLEL_PORT + 2)
        time.sleep(0.2)


def sentence(text):
    total = 0
    for character in text.encode("ascii"):
        total ^= character
    return f"${text}*{total:02X}\r\n"


class Receiver:
    """What a GNSS receiver says a tenth of a second after each true second: that second, and that it has a fix. By datagrams, since
    gpsd gives no time of a pseudo-terminal to others."""

    DELAY = 0.1
    ADDRESS = ("127.0.0.1", 12999)
    path = "udp://{}:{}".format(*ADDRESS)  # as gpsd is told

    def __init__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._over = threading.Event()
        self.ahead = 0  # whole seconds by which it lies
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._over.is_set():
            wait_for_second(early=0.0)
            seconds = (kernel_clock.true_time_ns() + 100_000_000) // 10**9 + self.ahead
            now = time.gmtime(seconds)
            clock, day = time.strftime("%H%M%S.00", now), time.strftime("%d%m%y", now)
            time.sleep(self.DELAY)
            text = sentence(f"GPRMC,{clock},A,5231.0000,N,01324.0000,E,0.0,0.0,{day},,,A")
            text += sentence(f"GPGGA,{clock},5231.0000,N,01324.0000,E,1,09,0.9,40.0,M,40.0,M,,")
            text += sentence(time.strftime("GPZDA,%H%M%S.00,%d,%m,%Y,00,00", now))
            self._socket.sendto(text.encode("ascii"), self.ADDRESS)

    def close(self):
        self._over.set()
        self._thread.join()
        self._socket.close()


if __name__ == "__main__":
    pulse()
