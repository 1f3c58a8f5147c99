# SPDX-License-Identifier: GPL-2.0-or-later
"""A throw-away Debian machine in qemu, without network: it is told what to run, can lose its power at any moment and be
switched on again with the disk as it was. With KVM where there is one, else emulated (half a minute to boot)."""

import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

FOLDER = "/srv/test"  # in the machine: what tests are given and what they leave


class MachineFailure(Exception):
    """The machine does not answer. At boot that is its own fault; later what was tested may have ended it."""

    at_boot = False


def hardware_runs_guests():
    # /dev/kvm alone says little: inside another guest it may be there without being of use.
    flags = pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").split()
    try:
        with open("/dev/kvm", "r+b"):
            return "vmx" in flags or "svm" in flags
    except OSError:
        return False


def emulator(tree):
    """That of a root tree of another Debian, with its own libraries; empty: of this machine."""
    if not tree:
        return ["qemu-system-x86_64"]
    libraries = f"{tree}/usr/lib/x86_64-linux-gnu"
    return ["env", f"QEMU_MODULE_DIR={libraries}/qemu", f"{tree}/usr/lib64/ld-linux-x86-64.so.2", "--library-path", f"{libraries}:{libraries}/pulseaudio",
            f"{tree}/usr/bin/qemu-system-x86_64", "-L", f"{tree}/usr/share/qemu", "-L", f"{tree}/usr/share/seabios"]


class VirtualMachine:
    """`image` is a folder of make-image's; the disk is a copy of its own, in a temporary folder."""

    LEAST_PATIENCE = 4 * float(os.environ.get("GNOMON_TEST_PATIENCE", "0"))  # for everything, where the host is busy
    BOOT_PATIENCE = max(420.0, LEAST_PATIENCE)

    def __init__(self, image, clock="2007-03-01T12:00:00", hardware=()):
        self.image, self.clock, self.hardware = pathlib.Path(image), clock, hardware
        self.true_time = 1_805_000_000  # at boot, for tests/system/kernel_clock.py
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gnomon-machine-"))
        self.disk = self.folder / "disk"
        subprocess.run(["cp", "--sparse=always", "--reflink=auto", self.image / "disk", self.disk], check=True)
        self.process = self.channel = None

    def __enter__(self):
        self.switch_on()
        return self

    def __exit__(self, *_):
        self.cut_power()
        shutil.rmtree(self.folder, ignore_errors=True)

    def switch_on(self):
        began = time.monotonic()
        path = self.folder / "port"
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(str(path))
            listener.listen(1)
            listener.settimeout(self.BOOT_PATIENCE)
            self.process = subprocess.Popen(self._command(path), stdin=subprocess.DEVNULL)
            try:
                self.channel, _ = listener.accept()
                self.channel.settimeout(self.BOOT_PATIENCE)
                self._answer(None)
            except OSError as error:
                failure = self.failure(f"did not boot: {error}")
                failure.at_boot = True
                raise failure from error
        print(f"== The machine runs after {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)

    def cut_power(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.channel:
            self.channel.close()

    def run(self, command, text=b"", patience=120.0, output=None):
        """Status and what it printed; `output` gets it piece by piece as well."""
        words = command.encode()
        self.channel.settimeout(max(patience, self.LEAST_PATIENCE))
        try:
            self.channel.sendall(struct.pack(">II", len(words), len(text)) + words + text)
            return self._answer(output)
        except OSError as error:
            raise self.failure(f"no answer to '{command}': {error or type(error).__name__}") from error

    def check(self, command, text=b"", patience=120.0):
        status, printed = self.run(command, text, patience)
        if status != 0:
            raise AssertionError(f"{command}: status {status}\n{printed.decode(errors='replace')}")
        return printed.decode(errors="replace")

    def put(self, paths, folder):
        """Files and folders into a folder of the machine's."""
        packed = subprocess.run(["tar", "-c", "--exclude=__pycache__"]
                                + [word for path in paths for word in ("-C", path.parent, path.name)],
                                check=True, capture_output=True).stdout
        self.check(f"mkdir -p {folder} && tar -x --no-same-owner -C {folder}", packed)

    def failure(self, text):
        console = (self.folder / "console").read_text(encoding="utf-8", errors="replace") if self.process else ""
        return MachineFailure(f"the machine {text}; its console ends with:\n" + "\n".join(console.splitlines()[-30:]))

    def _answer(self, output):
        printed = bytearray()
        while True:
            kind, length = struct.unpack(">cI", self._receive(5))
            data = self._receive(length)
            if kind == b"s":
                return int(data), bytes(printed)
            printed += data
            if output:
                output.write(data)
                output.flush()

    def _receive(self, count):
        data = bytearray()
        while len(data) < count:
            piece = self.channel.recv(count - len(data))
            if not piece:
                raise ConnectionError("it is switched off")
            data += piece
        return bytes(data)

    def _command(self, port):
        hardware = hardware_runs_guests()
        # A stable TSC, since the tests take CLOCK_MONOTONIC_RAW for the truth.
        # Without auto_da_alloc ext4 forgives nobody who renames a file before it is on the disk.
        kernel = ("root=/dev/vda rw rootflags=noauto_da_alloc console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable "
                  f"no_timer_check true_time={self.true_time}")
        return [*emulator(os.environ.get("GNOMON_QEMU", "")), "-accel", "kvm" if hardware else "tcg",
                "-cpu", "host" if hardware else "max,svm=off,la57=off",
                "-machine", "q35", "-m", "1024", "-smp", "2", "-nodefaults", "-no-user-config", "-no-reboot",
                "-display", "none", "-nic", "none", "-rtc", f"base={self.clock}",
                "-kernel", self.image / "vmlinuz", "-initrd", self.image / "initrd", "-append", kernel,
                # What the machine has not written to its disk is lost with its power, what it has is not.
                "-drive", f"if=none,id=disk,format=raw,cache=unsafe,file={self.disk}",
                "-device", "virtio-blk-pci,drive=disk", "-device", "virtio-rng-pci", "-device", "virtio-serial-pci",
                "-chardev", f"socket,id=port,path={port}", "-device", "virtserialport,chardev=port,nr=1",
                "-serial", f"file:{self.folder / 'console'}", *self.hardware]
