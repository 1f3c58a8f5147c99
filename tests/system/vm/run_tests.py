#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""run_tests.py IMAGE DEB OUT NAME[:PATTERN]...: runs each test in a machine of its own, or what unittest -k PATTERN finds in it;
a test that has a file here cuts the machine's power and is run outside. Status 1: a test failed; 125: a machine did not boot, twice."""

import importlib
import os
import pathlib
import signal
import subprocess
import sys
import time

import hardware
from virtual_machine import FOLDER, MachineFailure, VirtualMachine

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent
# Those that are there before the package, since it is part of their story.
INSTALL_THEMSELVES = ("installed", "takeover")
# Those whose subject is the service as it is installed.
WITH_THE_SERVICE = ("attacks", "confined", "devices", "networks", "package", "rtc")
# Those whose tests do not build on each other: a failure does not end them.
INDEPENDENT = ("devices", "networks", "rtc")
HARDWARE = {"devices": hardware.DEVICES}
PATIENCE = 3000.0


def settle(machine, deb, install=True):
    """Tests and package are put in place. What tests without the service need is its programs and its user."""
    machine.put([TESTS, TESTS.parent / "interop", TESTS.parent / "sandbox"], f"{FOLDER}/tests")
    machine.put([TESTS.parents[1] / "packaging" / name for name in ("systemd", "udev")], f"{FOLDER}/packaging")
    machine.check(f"cat >{FOLDER}/gnomon.deb", deb.read_bytes())
    for beside in deb.parent.glob(f"gnomon-chrony_{deb.name.split('_')[1]}_*.deb"):
        machine.check(f"cat >{FOLDER}/gnomon-chrony.deb", beside.read_bytes())
    if install:
        machine.check(f"dpkg -i {FOLDER}/gnomon.deb 2>&1", patience=300)


def inside(name, image, deb, out):
    name, _, pattern = name.partition(":")
    with VirtualMachine(image, hardware=HARDWARE.get(name, ())) as machine:
        settle(machine, deb, name not in INSTALL_THEMSELVES)
        if name not in (*INSTALL_THEMSELVES, *WITH_THE_SERVICE):
            # Their own daemons have files where AppArmor's profile for the service has none.
            machine.check("systemctl stop gnomond && apparmor_parser -R /etc/apparmor.d/gnomond")
        patience = " ".join(f"{key}={value}" for key, value in os.environ.items() if key == "GNOMON_TEST_PATIENCE")
        status, _ = machine.run(f"mkdir {FOLDER}/out; cd {FOLDER}/tests/system; "
                                f"{patience} GNOMON_DEB={FOLDER}/gnomon.deb VM_OUT={FOLDER}/out "
                                f"python3 test_{name}.py -v {'' if name in INDEPENDENT else '--failfast'} "
                                f"{'-k ' + pattern if pattern else ''}",
                                patience=PATIENCE, output=sys.stdout.buffer)
        machine.run(f"journalctl -b --no-pager -o short-monotonic >{FOLDER}/out/journal")
        packed = machine.run(f"tar -c -C {FOLDER}/out .")[1]
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["tar", "-x", "-m", "-C", folder], input=packed, check=True)
        return status == 0


def outside(name, image, deb, _):
    return importlib.import_module(f"test_{name}").run(image, lambda machine: settle(machine, deb))


def attempt(name, *where):
    """A machine that does not come up says nothing about what is tested: it gets a second chance, a test does not."""
    work = outside if (HERE / f"test_{name}.py").exists() else inside
    try:
        return work(name, *where)
    except MachineFailure as failure:
        if not failure.at_boot:
            raise
        print(f"{failure}\nOnce more.", flush=True)
        return work(name, *where)


def main():
    image, deb, out, *names = sys.argv[1:]
    # Machines end with us, and their disks go, however we end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    failed = []
    for name in names:
        began = time.monotonic()
        print(f"\n== {name}", flush=True)
        try:
            good = attempt(name, pathlib.Path(image), pathlib.Path(deb), pathlib.Path(out))
        except MachineFailure as failure:
            print(failure)
            return 125 if failure.at_boot else 1
        print(f"== {name}: {'passed' if good else 'FAILED'} after {time.monotonic() - began:.0f} s", flush=True)
        failed += [] if good else [name]
    print(f"{len(names) - len(failed)} passed, {len(failed)} failed {' '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
