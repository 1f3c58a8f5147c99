# SPDX-License-Identifier: GPL-2.0-or-later
"""The power goes while state is written, again and again, and each time the machine comes up with the clock of a dead
battery. Whatever state was once on the disk is there, whole, and the clock becomes right by NTS alone."""

import random
import time

from virtual_machine import FOLDER, VirtualMachine

CUTS = 3
HOUR = 3600
SERVERS = ("127.0.1.1", "127.0.1.2", "127.0.1.3")

UNIT = """[Unit]
Description=NTS servers of true time
Before=gnomond.service
[Service]
ExecStartPre=/usr/bin/touch /run/gnomon-test-vm
ExecStartPre=/bin/cp -a /var/lib/gnomon /run/state-at-boot
ExecStart=/usr/bin/python3 {folder}/tests/system/nts_servers.py /srv/authority {addresses}
[Install]
WantedBy=multi-user.target
"""

# gnomond serves as well, with a new key every second; everything else is written on command.
CONFIGURE = """
cd {folder}/tests/system
python3 -c 'import kernel_clock, nts_servers
kernel_clock.reset()
nts_servers.certificates("/srv/authority", *"{addresses} 127.0.0.1".split())
lines = nts_servers.trust("/srv/authority") + [nts_servers.source(each) for each in "{addresses}".split()]
lines += ["makestep 1 3", "driftfile /var/lib/gnomon/drift interval 1", "ntsdumpdir /var/lib/gnomon", "ntsrotate 1",
          "dumpdir /var/lib/gnomon", "allow 127.0.0.1", "ntsservercert /etc/gnomon/time.crt",
          "ntsserverkey /etc/gnomon/time.key"]
open("/etc/gnomon/gnomon.conf", "w").write("\\n".join(lines) + "\\n")'
install -m 644 /srv/authority/127.0.0.1.pem /etc/gnomon/time.crt
install -m 640 -g _gnomon /srv/authority/127.0.0.1.key /etc/gnomon/time.key
systemctl daemon-reload
systemctl enable --now true-time.service
systemctl restart gnomond
sync
"""

SYNCHRONISED = "gnomonctl waitsync 100 0.1 0 1 2>&1 | tail -1; exit ${PIPESTATUS[0]}"
WRITE = "(while :; do gnomonctl dump; done) >/dev/null 2>&1 &"
# As they were before gnomond could write them again.
FILES = "cd /run/state-at-boot && for file in *; do printf '%s %s\\n' \"$file\" \"$(stat -c %s \"$file\")\"; done"
COMPLAINTS = (r"journalctl -b --no-pager -o cat -u gnomond | "
              r"grep -E 'not used|not understood|damaged|Could not (read|load)' || true")


def files(machine):
    return dict(line.split() for line in machine.check(FILES).splitlines() if not line.startswith("*"))


def expect(good, text, detail):
    print(f"power cut: {'' if good else 'FAILED: '}{text}: {detail}", flush=True)
    return good


def after_the_cut(machine, known):
    began = time.monotonic()
    status, printed = machine.run(SYNCHRONISED, patience=200)
    error = float(machine.check(f"cd {FOLDER}/tests/system; python3 -c 'import kernel_clock; print(kernel_clock.error())'"))
    here = files(machine)
    return all([
        expect(status == 0 and abs(error) < 0.1, "the time is right",
               f"{error:+.4f} s after {time.monotonic() - began:.0f} s {'' if status == 0 else printed.decode()}"),
        expect(known <= set(here), "all state is there", sorted(here)),
        expect("0" not in here.values(), "no file is empty", here),
        expect(not (said := machine.check(COMPLAINTS)), "gnomond could use it all", said or "no complaint"),
        expect(machine.run("dmesg | grep -E 'EXT4-fs error'")[0] != 0, "the file system is whole", "")])


def run(image, settle):
    addresses = " ".join(SERVERS)
    good = True
    with VirtualMachine(image) as machine:
        settle(machine)
        machine.check("cat >/etc/systemd/system/true-time.service", UNIT.format(folder=FOLDER, addresses=addresses).encode())
        machine.check(CONFIGURE.replace("{folder}", FOLDER).replace("{addresses}", addresses))
        machine.check(SYNCHRONISED, patience=200)
        machine.check("gnomonctl dump; sync; rm -rf /run/state-at-boot; cp -a /var/lib/gnomon /run/state-at-boot")
        known = {name for name in files(machine) if name.endswith(".nts") or "." not in name or name == "gnomon.time"}
        print(f"power cut: state files {sorted(known)}", flush=True)
        for _ in range(CUTS):
            machine.check(WRITE)
            pause = random.uniform(0.5, 6.0)
            time.sleep(pause)
            machine.cut_power()
            print(f"power cut: after {pause:.3f} s of writing", flush=True)
            machine.true_time += HOUR
            machine.switch_on()
            good = after_the_cut(machine, known) and good
    return good
