#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Real drivers of the kernel, under the unit with the package's examples and AppArmor's profile in force: pulses (PPS), PTP clocks
and timestamps of network cards (igb), the real-time clock, shared memory and sockets that gpsd writes, with chronyd at the other
end of the wire. What qemu's card cannot do is tested through drivers of the tests' own (tests/unit): timestamps of received
packets, which it has of one kind of PTP packet only, pulses timestamped by a PTP clock, precise cross timestamps."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "sandbox"))

import devices  # noqa: E402
import injection  # noqa: E402
import kernel_clock  # noqa: E402
from attempts import CALLS, NEVER  # noqa: E402
from devices import OTHER, OURS, THEIRS  # noqa: E402
from machine import until  # noqa: E402
from reference_server import ReferenceServer  # noqa: E402
from service import apparmor_denials, apparmor_label, ask, capabilities, configure, processes, roles, run, said, value  # noqa: E402
from stock_chrony import Chronyd  # noqa: E402

SERVER = "server 127.0.0.1 port 11123 iburst minpoll 0 maxpoll 2"
STATE = pathlib.Path("/var/lib/gnomon")
NET_ADMIN, SYS_TIME = 1 << 12, 1 << 25
LEAP_SECONDS = pathlib.Path("/etc/gnomon/leap-seconds.list")
ASSERTED = pathlib.Path("/sys/class/pps/pps0/assert")
# Requests that no driver of ours makes of a device that it holds, and the one that switches a card's timestamps on.
PTP_PIN_SETFUNC, PTP_PEROUT_REQUEST, RTC_WKALM_SET, SIOCSHWTSTAMP = 0x40603D07, 0x40383D03, 0x4028700F, 0x89B0


def source(name):
    return next((each for each in (ask("sources") or {"sources": []})["sources"] if each["name"] == name), None)


def spent(pids):
    """Seconds on the processor, of all threads."""
    tasks = (each for pid in pids for each in pathlib.Path(f"/proc/{pid}/task").iterdir())
    return sum(int((task / "schedstat").read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9


class Devices(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = ReferenceServer()
        kernel_clock.reset()
        devices.prepare()
        (cls.ours, cls.our_clock), (cls.theirs, cls.their_clock) = devices.connect()
        cls.before = apparmor_denials()

    def setUp(self):
        self.programs = []
        kernel_clock.reset()

    def tearDown(self):
        for program in self.programs:
            program.kill()
            program.wait()
        denied = [line for line in apparmor_denials() if line not in self.before and "gnomon" in line]
        type(self).before += denied
        why = [text for test, text in self._outcome.result.failures + self._outcome.result.errors if test is self]
        if why:
            print(*why, said(), sep="\n", flush=True)
        self.assertEqual([], denied)

    def report(self, text):
        print(f"{self.id().split('.')[-1]}: {text}", flush=True)

    def start(self, *words):
        self.programs.append(subprocess.Popen(words, stdin=subprocess.DEVNULL))
        return self.programs[-1]

    def wait_until(self, state, name, patience=90):
        return until(f"{name} is {state}", lambda: (source(name) or {}).get("state") == state and source(name), patience)

    def assert_right(self, within, of):
        """The median of the error over some seconds: how well an emulated machine meets a moment varies."""
        errors = []
        for _ in range(40):
            errors.append(kernel_clock.error())
            time.sleep(0.25)
        errors.sort(key=abs)
        self.report(f"{of}: error {errors[len(errors) // 2] * 1e6:+.1f} us, at most {errors[-1] * 1e6:+.1f} us")
        self.assertLess(abs(errors[len(errors) // 2]), within)

    def assert_on_pulses(self, within, of):
        """The median of what the clock shows beyond a whole second at pulses, as the kernel sees them: how long after the true second
        that is, is the emulated machine's affair."""
        shown = {}

        def enough():
            text, number = ASSERTED.read_text(encoding="ascii").strip().split("#")
            shown[number] = int(text.partition(".")[2]) / 1e9
            return len(shown) > 12

        until("pulses", enough, 60)
        beyond = sorted((each if each < 0.5 else each - 1.0 for each in shown.values()), key=abs)
        middle = beyond[len(beyond) // 2]
        error = kernel_clock.error()
        self.report(f"{of}: {middle * 1e6:+.1f} us at the pulse, at most {beyond[-1] * 1e6:+.1f} us; error {error * 1e6:+.1f} us")
        self.assertLess(abs(middle), within)
        self.assertLess(abs(error), 0.02)

    def test_01_they_are_found(self):
        found = run("gnomonctl", "refclocks")
        self.report("\n" + found)
        for line in (r"refclock PPS /dev/pps0", rf"refclock PHC {self.our_clock} ", r"refclock RTC /dev/rtc0"):
            self.assertRegex(found, line)
        self.assertRegex(found, rf"hwtimestamp|{self.ours}")

    def test_02_pulses_that_servers_number(self):
        with devices.Pulses() as pulses:
            configure(SERVER, "refclock PPS /dev/pps0 refid PPS poll 2 prefer", "makestep 0.1 3")
            kernel_clock.set_error(0.05)
            self.wait_until("selected", "PPS")
            time.sleep(10)
            self.assert_on_pulses(0.001, "PPS")
            pulses.stop()
            until("it is noticed", lambda: source("PPS")["reach"] & 3 == 0, 60)
            self.assertEqual("active", value("gnomond", "ActiveState"))
            pulses.resume()
            until("it is back", lambda: source("PPS")["reach"] & 1, 60)
        role, = [pid for name, pid in processes() if name == "gnomon-refclock"]
        self.assertEqual({"CapEff": 0, "CapPrm": 0, "CapAmb": 0}, capabilities(role))
        self.assertIn("gnomon-refclock", apparmor_label(role))

    def gpsd(self, *paths):
        # Its own profile of AppArmor is not what is tested.
        run("apparmor_parser", "-R", "/etc/apparmor.d/usr.sbin.gpsd", check=False)
        return self.start("/usr/sbin/gpsd", "-n", "-N", "-D", "2", "-S", "12947", *paths)

    def test_03_gpsd_by_shared_memory_and_pulses_locked_to_it(self):
        receiver = devices.Receiver()
        self.addCleanup(receiver.close)
        configure(f"refclock SHM 0 refid NMEA offset {receiver.DELAY} delay 0.2 noselect",
                  "refclock PPS /dev/pps0 refid PPS lock NMEA poll 2", "makestep 0.1 3")
        with devices.Pulses():
            kernel_clock.set_error(7.0)
            self.gpsd(receiver.path)
            self.wait_until("selected", "PPS", 120)
            until("it is stepped", lambda: abs(kernel_clock.error()) < 0.1, 60)
            time.sleep(10)
            self.assert_on_pulses(0.001, "PPS locked to NMEA")
        self.assertNotIn("cannot be used", said())

    def test_04_gpsd_by_a_socket_of_systemd(self):
        pathlib.Path("/etc/systemd/system/gnomond-samples.socket").write_text(
            "[Socket]\nListenDatagram=/run/chrony.pps0.sock\nSocketMode=0600\nService=gnomond.service\n", encoding="ascii")
        run("systemctl", "daemon-reload")
        run("systemctl", "stop", "gnomond")
        run("systemctl", "start", "gnomond-samples.socket")
        self.addCleanup(run, "systemctl", "stop", "gnomond-samples.socket", "gnomond")
        receiver = devices.Receiver()
        self.addCleanup(receiver.close)
        configure("refclock SOCK /run/chrony.pps0.sock refid GPS poll 2", "makestep 0.1 3")
        with devices.Pulses():
            kernel_clock.set_error(0.02)
            self.gpsd(receiver.path, "/dev/pps0")
            self.wait_until("selected", "GPS", 120)
            time.sleep(10)
            self.assert_on_pulses(0.001, "SOCK")

    def test_05_a_ptp_clock(self):
        LEAP_SECONDS.write_text("#@ 4200000000\n3692217600 37\n", encoding="ascii")
        devices.set_ptp_clock(self.our_clock, beyond=37)
        configure(f"refclock PHC {self.our_clock} refid PTP poll 0 dpoll -2 tai", f"leapseclist {LEAP_SECONDS}",
                  "makestep 0.1 3")
        kernel_clock.set_error(-3.0)
        self.wait_until("selected", "PTP")
        time.sleep(10)
        self.assert_right(0.002, "PHC in TAI")
        devices.set_ptp_clock(self.our_clock)
        for name in (f"{self.our_clock}:nocrossts", self.ours):
            configure(f"refclock PHC {name} refid PTP poll 0 dpoll -2", "makestep 0.1 3")
            kernel_clock.set_error(0.4)
            self.wait_until("selected", "PTP")
            time.sleep(10)
            self.assert_right(0.002, f"PHC {name}")

    def test_06_a_card_goes_and_comes(self):
        bus = devices.cards()[0][0]
        driver = pathlib.Path("/sys/bus/pci/drivers/igb")
        configure(SERVER + " noselect", f"refclock PHC {self.ours} refid PTP poll 0 dpoll -2", "hwtimestamp *", "makestep 0.1 3")
        self.wait_until("selected", "PTP")
        self.assertRegex(said(), rf"Enabled HW timestamping .*on {self.ours}")
        (driver / "unbind").write_text(bus, encoding="ascii")
        until("both are missed", lambda: re.search(r"Reference clock PHC \S+ cannot be used", said()), 60)
        self.assertEqual("active", value("gnomond", "ActiveState"))
        (driver / "bind").write_text(bus, encoding="ascii")
        until("the card is there", lambda: bus in [card[0] for card in devices.cards()], 60)
        run("udevadm", "settle")
        # Whoever still has the old clock open has its number as well.
        type(self).ours, type(self).our_clock = next(card[1:] for card in devices.cards() if card[0] == bus)
        devices.address(self.ours)
        devices.set_ptp_clock(self.our_clock)
        until("its timestamps are on again",
              lambda: len(re.findall(rf"Enabled HW timestamping .*on {self.ours}", said())) == 2, 60)
        until("its clock is read again", lambda: source("PTP")["reach"] & 1, 60)
        self.report("\n".join(line for line in said().splitlines() if self.ours in line or "PHC" in line))

    def chronyd(self, *lines, where=("ip", "netns", "exec", OTHER)):
        chronyd = Chronyd(*lines, where=where)
        self.programs.append(chronyd.process)
        return chronyd

    def test_07_a_client_with_timestamps_of_the_card(self):
        self.chronyd("local stratum 1", "allow", f"hwtimestamp {self.theirs}")
        configure(f"server {THEIRS} xleave minpoll 0 maxpoll 0", "hwtimestamp *")
        self.wait_until("selected", THEIRS)
        until("the card says when a request left",
              lambda: re.search(r"TX timestamping *: Hardware", run("gnomonctl", "ntpdata", THEIRS, check=False)), 60)
        self.report("\n" + run("gnomonctl", "ntpdata", THEIRS))
        launcher, = [pid for name, pid in processes() if name == "gnomond"]
        self.assertEqual(NET_ADMIN, capabilities(launcher)["CapEff"] & NET_ADMIN)
        for name, pid in processes():
            if name != "gnomond":
                held = capabilities(pid)
                self.assertEqual(SYS_TIME if name == "gnomon-clock" else 0, held["CapEff"] | held["CapPrm"], name)

    def test_08_a_server_with_timestamps_of_the_card(self):
        configure("local stratum 1", "allow", "hwtimestamp *")
        chronyd = self.chronyd(f"server {OURS} xleave minpoll 0 maxpoll 0", f"hwtimestamp {self.theirs}")
        until("chronyd follows", lambda: "^*" in chronyd.ask("sources"), 90)
        until("interleaved", lambda: re.search(r"Interleaved *: Yes", chronyd.ask("ntpdata")), 60)
        self.report("\n" + chronyd.ask("ntpdata"))
        until("answers had the card's timestamps",
              lambda: re.search(r"NTP hardware TX timestamps *: [1-9]", run("gnomonctl", "serverstats")), 60)

    def test_09_ntp_over_ptp(self):
        # Debian's chronyd has an older form of it: at the other end is a gnomond as well.
        other = pathlib.Path("/etc/gnomon/other.conf")
        other.write_text("\n".join(["local stratum 1", "allow", f"hwtimestamp {self.theirs} rxfilter ptp", "ptpport 319", "cmdport 0",
                                    "bindcmdaddress /", "pidfile /run/gnomon/other.pid", "controlsocket /run/gnomon/other"]) + "\n",
                         encoding="ascii")
        self.start("ip", "netns", "exec", OTHER, "/usr/sbin/gnomond", "-x", "-d", "-f", str(other))
        configure(f"server {THEIRS} xleave minpoll 0 maxpoll 0 port 319", "hwtimestamp * rxfilter ptp", "ptpport 319")
        self.wait_until("selected", THEIRS)
        self.assertRegex(run("gnomonctl", "ntpdata", THEIRS), r"Remote port *: 319")

    def rtc_error(self):
        """In s, to one."""
        shown = int(pathlib.Path("/sys/class/rtc/rtc0/since_epoch").read_text(encoding="ascii"))
        return shown - kernel_clock.true_time_ns() / 1e9

    def test_10_the_real_time_clock(self):
        run("systemctl", "stop", "gnomond")
        devices.set_rtc(beyond=1000)  # before gnomon-clock has it for itself
        configure(SERVER, f"rtcfile {STATE}/rtc", "rtconutc", "makestep 0.1 3")
        until("synchronised", lambda: (ask("tracking") or {}).get("leap") == "normal", 60)
        until("it is measured", lambda: re.search(r"Number of samples *: *[1-9]", run("gnomonctl", "rtcdata", check=False)), 200)
        self.report("\n" + run("gnomonctl", "rtcdata"))
        self.assertGreater(abs(self.rtc_error()), 900)
        run("gnomonctl", "trimrtc")
        until("it is set", lambda: abs(self.rtc_error()) < 2.5, 120)
        until("the file is written", lambda: run("gnomonctl", "writertc", check=False) is not None and (STATE / "rtc").exists(), 200)
        self.report((STATE / "rtc").read_text(encoding="ascii"))
        clock = roles()["gnomon-clock"]
        self.assertEqual(SYS_TIME, capabilities(clock)["CapEff"])
        self.assertRegex(apparmor_label(clock), "gnomon-clock")

    def test_11_the_clock_is_set_from_it(self):
        run("systemctl", "stop", "gnomond")
        devices.set_rtc()
        drop_in = pathlib.Path("/run/systemd/system/gnomond.service.d/from-rtc.conf")
        drop_in.parent.mkdir(parents=True, exist_ok=True)
        drop_in.write_text("[Service]\nExecStart=\nExecStart=/usr/sbin/gnomond -n -s\n", encoding="ascii")
        self.addCleanup(run, "systemctl", "daemon-reload")
        self.addCleanup(drop_in.unlink)
        run("systemctl", "daemon-reload")
        kernel_clock.set_error(-86400 * 30)
        configure("rtconutc", "port 0")
        until("the clock is set", lambda: abs(kernel_clock.error()) < 2.5, 30)
        self.report(f"error {kernel_clock.error():+.3f} s")

    def test_12_the_real_time_clock_as_reference(self):
        run("systemctl", "stop", "gnomond")
        devices.set_rtc()
        kernel_clock.set_error(40.0)
        configure("refclock RTC /dev/rtc0:utc refid RTC poll 2", "makestep 1 3")
        self.wait_until("selected", "RTC")
        until("it is stepped", lambda: abs(kernel_clock.error()) < 2.5, 60)

    def held(self, role, device):
        """The process and its descriptor of a device that gnomond has opened for it."""
        pid = roles()[role]
        found = [int(each.name) for each in pathlib.Path(f"/proc/{pid}/fd").iterdir() if os.readlink(each) == device]
        self.assertNotEqual([], found, f"{role} has no {device}")
        return pid, found[0]

    def test_13_who_holds_a_device_may_do_no_more_with_it_than_it_needs(self):
        configure(SERVER, "refclock PPS /dev/pps0 refid PPS poll 2 noselect", f"refclock PHC {self.our_clock} refid PTP noselect",
                  "hwtimestamp *", f"rtcfile {STATE}/rtc", "rtconutc")
        clock_of = lambda descriptor: (~descriptor << 3) | 3
        attempts = [(role, self.our_clock, what, make) for role in ("gnomon-refclock", "gnomon-core") for what, make in (
            ("set a pin", lambda own: ("ioctl", own, PTP_PIN_SETFUNC, bytes(96))),
            ("make a signal", lambda own: ("ioctl", own, PTP_PEROUT_REQUEST, bytes(56))),
            ("set the PTP clock", lambda own: ("clock_settime", clock_of(own), NEVER)),
            ("turn the PTP clock", lambda own: ("clock_adjtime", clock_of(own), bytes(208))),
            ("switch timestamps on", lambda own: ("ioctl", own, SIOCSHWTSTAMP, bytes(40))))]
        attempts += [("gnomon-clock", "/dev/rtc0", "set an alarm", lambda own: ("ioctl", own, RTC_WKALM_SET, bytes(40)))]
        for role, device, what, make in attempts:
            with self.subTest(f"{role}: {what}"):
                until("synchronised", lambda: (ask("tracking") or {}).get("leap") == "normal" and role in roles(), 90)
                pid, own = self.held(role, device)
                with injection.Stopped(pid) as stopped:
                    call, *arguments = make(own)
                    self.assertEqual(injection.KILLED, stopped.call(CALLS[call], *arguments))
                until("it is replaced", lambda: roles().get(role) not in (None, pid), 90)

    def test_14_what_a_pulse_costs(self):
        """Time on the processor of all processes while pulses come, beside a chronyd that reads the same ones."""
        lines = ("server 127.0.0.1 port 11123 minpoll 6 iburst", "refclock PPS /dev/pps0 refid PPS poll 4 prefer")
        with devices.Pulses():
            configure(*lines)
            self.wait_until("selected", "PPS", 150)
            chronyd = self.chronyd(*lines, "port 0", where=()).process.pid
            time.sleep(40)
            pulses = 100
            names = {pid: name for name, pid in processes()} | {chronyd: "chronyd"}
            before = {pid: spent([pid]) for pid in names}
            time.sleep(pulses)
            costs = {pid: (spent([pid]) - then) / pulses * 1e6 for pid, then in before.items()}
        theirs = costs.pop(chronyd)
        ours = sum(costs.values())
        self.report(f"us for each pulse: {ours:.0f}, chronyd {theirs:.0f}: {ours / theirs:.2f}; "
                    + ", ".join(f"{names[pid]} {cost:.0f}" for pid, cost in costs.items()))
        if run("systemd-detect-virt", check=False) == "qemu":
            self.skipTest("an emulated processor is a hundred times slower where it calculates, which chronyd hardly does")
        self.assertLessEqual(ours / theirs, 1.5)

    def test_15_phc2sys_of_linuxptp(self):
        """It measures our clock by a PTP clock and writes that to shared memory."""
        devices.set_ptp_clock(self.our_clock)
        configure("refclock SHM 5 refid P2S poll 0 dpoll -2", "makestep 0.1 3")
        kernel_clock.set_error(0.4)
        self.start("/usr/sbin/phc2sys", "-s", self.our_clock, "-c", "CLOCK_REALTIME", "-O", "0", "-R", "4", "-E", "ntpshm", "-M", "5",
                   "-m", "-q", "-l", "5")
        self.wait_until("selected", "P2S")
        until("it is stepped", lambda: abs(kernel_clock.error()) < 0.1, 60)
        time.sleep(10)
        self.assert_right(0.002, "phc2sys")

    def test_16_timemaster_of_linuxptp(self):
        """It starts gnomond for chronyd; from version 4 on ptp4l sends samples to a socket beside the configuration."""
        run("systemctl", "stop", "gnomond")
        folder = pathlib.Path(tempfile.mkdtemp())
        (folder / "grandmaster.conf").write_text(f"[global]\nfree_running 1\nuds_address {folder}/uds\n", encoding="ascii")
        (folder / "timemaster.conf").write_text(
            "[ptp_domain 0]\ninterfaces near\nntp_poll 0\n[timemaster]\nfirst_shm_segment 6\n"
            "[chronyd]\npath /usr/sbin/gnomond\noptions -x\n[chrony.conf]\nport 0\n"
            "refclock SOCK /run/timemaster/chrony.SOCK9 noselect\nrefclock SOCK /run/refclock.ptp.sock noselect\n",
            encoding="ascii")
        run("ip", "link", "add", "near", "type", "veth", "peer", "name", "far", "netns", OTHER)
        self.addCleanup(run, "ip", "link", "del", "near")
        for words in ("addr add 192.0.2.1/24 dev near", "link set near up", f"-n {OTHER} addr add 192.0.2.2/24 dev far",
                      f"-n {OTHER} link set far up"):
            run("ip", *words.split())
        self.start("ip", "netns", "exec", OTHER, "/usr/sbin/ptp4l", "-S", "-i", "far", "-f", str(folder / "grandmaster.conf"))
        timemaster = self.start("/usr/sbin/timemaster", "-f", str(folder / "timemaster.conf"))
        try:
            until("PTP is selected", lambda: [each for each in (ask("sources") or {"sources": []})["sources"]
                                              if each["name"].startswith("PTP") and each["state"] == "selected"], 90)
            for path in ("/run/timemaster/chrony.SOCK9", "/run/refclock.ptp.sock"):
                self.assertTrue(pathlib.Path(path).is_socket(), path)
        finally:
            timemaster.terminate()  # it ends what it has started
        self.assertEqual(0, timemaster.wait(60))
        self.assertEqual("", run("pgrep", "-l", "gnomon", check=False))
        self.assertEqual([], list(pathlib.Path("/run/timemaster").glob("chrony*")))


if __name__ == "__main__":
    unittest.main()
