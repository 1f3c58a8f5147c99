#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the daemon keeps of its work with stock chronyd, and the page that `gnomonctl report` draws of it: whole, small, without
anything from elsewhere, whatever the sources are called, and as a browser shows it."""

import json
import os
import re
import resource
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

import surroundings
from browser import CHROMIUM, Browser
from daemons import Scene, client_line, until
from test_explain import gnomonctl, varlink
from varlink_daemon import Day, VarlinkDaemon

LISTS = ("measurements", "clock", "selections", "starts")
METHOD = "io.gnomon.Control.Measurements"
HOSTILE = ["<script>alert(1)</script>", "\"/><img src=x onerror=alert(1)>", "a\u202egnp.exe", "]]>&amp;<!--", "x" * 255,
           "\u0000\u0007\u001b[2J", "\ufffe\ud7ff", "'; drop", "</style></title>", "%s%n{0}"]


def page_of(path, folder, *words, name="page.html", **others):
    """What gnomonctl said and the page, if it wrote one."""
    page = os.path.join(folder, name)
    done = subprocess.run([surroundings.CONTROL_PROGRAM, "--socket", str(path), "report", "-o", page, *words],
                          capture_output=True, text=True, check=False, timeout=surroundings.PATIENCE, **others)
    text = None
    if os.path.isfile(page):
        with open(page, encoding="utf-8") as file:
            text = file.read()
    return done, text


class Kept(Scene):
    def setUp(self):
        super().setUp()
        self.server = self.start_chrony_server()
        self.lines = ["port 0", client_line(self.server, options="iburst minpoll 0 maxpoll 0")]

    def kept(self, daemon, **parameters):
        (reply,) = varlink(daemon.socket, METHOD, parameters)
        return reply["parameters"]

    def test_measurements_selections_and_updates_are_kept(self):
        daemon = self.start("client", *self.lines)
        daemon.wait_until_selected("127.0.0.1")
        until("the clock was updated twice", lambda: len([each for each in self.kept(daemon)["clock"] if "offset" in each]) > 1)
        kept = self.kept(daemon)
        self.assertEqual(1, len(kept["starts"]))
        for each in kept["measurements"]:
            self.assertEqual(("127.0.0.1", "127.0.0.1", self.server.port), (each["name"], each["address"], each["port"]))
            self.assertTrue(0 < each["delay"] < 1 and abs(each["offset"]) < 1 and each["error"] > each["delay"] / 2, each)
        self.assertIn("selected", [each["state"] for each in kept["selections"]])
        updates = [each for each in kept["clock"] if "offset" in each]
        self.assertTrue(0 < updates[-1]["error_bound"] < 1 and updates[-1]["error_growth"] > 0, updates)
        numbers = sorted(each["sequence"] for name in LISTS for each in kept[name])
        self.assertEqual(list(range(1, kept["last"] + 1)), numbers)
        self.assertEqual(0, sum(len(self.kept(daemon, since=4e9)[name]) for name in LISTS))
        last = self.kept(daemon, limit=1)
        self.assertEqual(1, sum(len(last[name]) for name in LISTS))

    def test_who_calls_with_more_hears_of_what_comes(self):
        daemon = self.start("client", *self.lines)
        daemon.wait_until_selected("127.0.0.1")
        replies = varlink(daemon.socket, METHOD, {"limit": 1}, more=True)
        first = next(replies)
        self.assertTrue(first["continues"])
        came = next(replies)["parameters"]
        self.assertEqual(0, came["lost"])
        self.assertGreater(came["last"], first["parameters"]["last"])
        self.assertGreater(sum(len(came[name]) for name in LISTS), 0)

    def test_the_memory_is_bounded_as_configured(self):
        daemon = self.start("client", *self.lines, "measurementmemory 2048")
        daemon.wait_until_selected("127.0.0.1")
        until("it is full", lambda: self.kept(daemon)["last"] > 40)
        kept = self.kept(daemon)
        self.assertLess(sum(len(kept[name]) for name in LISTS), 25)
        none = self.start("none", *self.lines, "measurementmemory 0").wait_until_ready()
        done, page = page_of(none.socket, self.folder)
        self.assertEqual((1, None), (done.returncode, page))
        self.assertIn("measurementmemory is 0", done.stderr)

    def test_a_page_of_a_daemon_that_runs(self):
        daemon = self.start("client", *self.lines)
        daemon.wait_until_selected("127.0.0.1")
        done, page = page_of(daemon.socket, self.folder, "--since", "1h", "--utc")
        self.assertEqual((0, "", ""), (done.returncode, done.stdout, done.stderr))
        xml.etree.ElementTree.fromstring(page.encode())
        self.assertIn("127.0.0.1 port", page)
        self.assertIn("Selected source 127.0.0.1", page)
        printed = gnomonctl(daemon, "report", "-o", "-", "--since", "1h")
        self.assertTrue(printed.stdout.startswith("<!DOCTYPE html>") and printed.stdout.endswith("</html>\n"))

    def test_a_source_that_goes_is_remembered(self):
        daemon = self.start("client", *self.lines)
        daemon.wait_until_selected("127.0.0.1")
        if not surroundings.IS_ROOT:
            self.skipTest("our own user may only read reports")
        self.assertEqual(0, gnomonctl(daemon, "delete", "127.0.0.1").returncode)
        until("its end is kept", lambda: any("state" not in each for each in self.kept(daemon)["selections"]))
        _, page = page_of(daemon.socket, self.folder)
        self.assertIn("127.0.0.1 port", page)


class Played(unittest.TestCase):
    """Against a daemon of our own that has lived a day, or lies."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="gnomon-report-")
        self.addCleanup(folder.cleanup)
        self.folder, self.socket = folder.name, os.path.join(folder.name, "control")

    def serve(self, replies):
        daemon = VarlinkDaemon(self.socket, replies)
        self.addCleanup(daemon.stop)
        return daemon

    def check_page(self, page):
        """One file, and nothing that could run or be fetched."""
        tree = xml.etree.ElementTree.fromstring(page.encode())
        names = {element.tag.rpartition("}")[2] for element in tree.iter()}
        self.assertEqual(set(), names & {"script", "link", "img", "iframe", "object", "embed", "image", "use", "a", "foreignObject"})
        for element in tree.iter():
            for attribute in element.attrib:
                self.assertFalse(attribute.startswith("on") or attribute.endswith("href") or attribute == "src", attribute)
        self.assertEqual([], re.findall(r"url\(|@import|javascript:", page))
        self.assertIn("default-src 'none'", page)
        graphics = [element for element in tree.iter() if element.tag.endswith("}svg") and element.get("role") == "img"]
        for graphic in graphics:
            titled = [child for child in graphic if child.tag.rpartition("}")[2] in ("title", "desc") and child.text]
            self.assertTrue(len(titled) == 2 or graphic.get("aria-label"), graphic.attrib)
        return tree

    def test_a_day_is_below_half_a_megabyte(self):
        # As much as a memory of 1 MiB may hold, of 4 sources, and of 40.
        for names, poll in ((None, 32), ([f"server-{number}.example.net" for number in range(40)], 300)):
            day = Day(names=names, poll=poll)
            self.assertGreater(len(day.records), 9000)
            daemon = VarlinkDaemon(self.socket, day.replies())
            done, page = page_of(self.socket, self.folder)
            daemon.stop()
            os.unlink(self.socket)
            self.assertEqual(0, done.returncode, done.stderr)
            self.assertLess(len(page.encode()), 500_000)
            self.check_page(page)

    def test_names_of_sources_are_text_whatever_they_are(self):
        day = Day(names=HOSTILE, poll=1200)
        for event in day.events:
            event["fields"]["MESSAGE"] = "<b>\u001b]0;x\u0007</b>" + event["fields"]["MESSAGE"] * 50
        replies = day.replies()
        replies["Explain"] = lambda _: {"synchronised": False, "summary": HOSTILE[0], "remedy": HOSTILE[1]}
        self.serve(replies)
        done, page = page_of(self.socket, self.folder)
        self.assertEqual(0, done.returncode, done.stderr)
        self.check_page(page)
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt;", page)
        for character in "\u202e\ufffe\x00\x07\x1b":
            self.assertNotIn(character, page)

    def test_nothing_is_kept_yet(self):
        self.serve(Day(length=0).replies() | {"Measurements": lambda _: {"lost": 0, "last": 0} | {name: [] for name in LISTS},
                                              "Events": lambda _: {"lost": 0, "last": 0, "events": []}})
        done, page = page_of(self.socket, self.folder)
        self.assertEqual(0, done.returncode, done.stderr)
        self.check_page(page)

    def test_numbers_that_nobody_measured(self):
        day = Day(poll=3600)
        for _, record in day.records:
            for field in record.keys() & {"offset", "delay", "error", "error_bound", "frequency", "skew", "step"}:
                record[field] = day.random.choice((1e300, -1e300, 0.0, 1e-320, -5, 1e12))
        self.serve(day.replies())
        done, page = page_of(self.socket, self.folder)
        self.assertEqual(0, done.returncode, done.stderr)
        self.check_page(page)
        self.assertNotIn("nan", re.sub(r"<style>.*</style>", "", page, flags=re.S))
        self.assertLess(len(page), 500_000)

    def test_replies_that_are_cut_or_lie(self):
        day = Day(poll=3600)
        whole = json.dumps({"parameters": day.measurements({})}).encode()
        lies = [b"\0", b"{}\0", whole[:1000] + b"\0", whole.replace(b'"delay"', b'"dela"') + b"\0",
                whole.replace(b'"used": true', b'"used": 7') + b"\0", b'{"parameters":{"last":1,"measurements":7}}\0']
        for lie in lies:
            daemon = VarlinkDaemon(self.socket, day.replies() | {"Measurements": lambda _, lie=lie: lie})
            done, page = page_of(self.socket, self.folder)
            daemon.stop()
            os.unlink(self.socket)
            self.assertEqual((1, None), (done.returncode, page), lie[:100])
            self.assertTrue(done.stderr.startswith("gnomonctl: "), done.stderr)

    def test_what_cannot_be_written_leaves_nothing(self):
        self.serve(Day(poll=600).replies())
        with open(os.path.join(self.folder, "old.html"), "w", encoding="utf-8") as old:
            old.write("old")
        done, page = page_of(self.socket, self.folder, name="old.html",
                             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))
        self.assertEqual((1, "old"), (done.returncode, page))
        self.assertIn("was not written", done.stderr)
        self.assertEqual(["control", "old.html"], sorted(os.listdir(self.folder)))
        done, _ = page_of(self.socket, "/dev", name="full")
        self.assertEqual(1, done.returncode)
        self.assertIn("No space left", done.stderr)
        done, _ = page_of(self.socket, os.path.join(self.folder, "missing"))
        self.assertEqual(1, done.returncode)
        done, _ = page_of(self.socket, self.folder, name="")
        self.assertEqual(1, done.returncode)

    def test_the_command_line_says_what_is_wrong(self):
        for words, complaint, status in (
                (["report"], "-o names the page", 2), (["report", "-o", "x", "--since", "soon"], "is not a time", 2),
                (["report", "-o", "x", "--since", "2100-01-01 00:00"], "not before now", 1)):
            done = subprocess.run([surroundings.CONTROL_PROGRAM, "--socket", self.socket, *words], capture_output=True, text=True,
                                  check=False, cwd=self.folder)
            self.assertEqual(status, done.returncode)
            self.assertIn(complaint, done.stderr)

    @unittest.skipUnless(CHROMIUM, "no Chromium")
    def test_a_browser_shows_it_on_a_phone_and_on_a_desk_in_light_and_in_dark(self):
        self.serve(Day().replies())
        _, page = page_of(self.socket, self.folder)
        path = os.path.join(self.folder, "page.html")
        grounds = {}
        with Browser() as browser:
            for width in (360, 1200):
                for dark in (False, True):
                    with self.subTest(width=width, dark=dark):
                        browser.open(path, width, dark=dark)
                        self.assertEqual([], browser.complaints())
                        self.assertEqual([f"file://{path}"], browser.requests())
                        # Nothing is cut off, no text is smaller than one can read, every drawing has a size.
                        self.assertEqual(width, browser.evaluate("document.documentElement.scrollWidth"))
                        self.assertGreaterEqual(browser.evaluate(SMALLEST_TEXT), 12)
                        self.assertEqual(0, browser.evaluate(FLAT_DRAWINGS))
                        self.assertGreaterEqual(browser.evaluate(LEAST_CONTRAST), 4.5)
                        grounds[dark] = browser.evaluate("getComputedStyle(document.body).backgroundColor")
                        self.assertGreater(len(browser.picture()), 20_000)
        self.assertNotEqual(grounds[False], grounds[True])


SMALLEST_TEXT = "Math.min(...[...document.querySelectorAll('body *')].filter(e => e.textContent.trim() && !e.closest('svg'))" \
                ".map(e => parseFloat(getComputedStyle(e).fontSize)))"
FLAT_DRAWINGS = "[...document.querySelectorAll('svg[role=img]')].filter(e => e.getBoundingClientRect().width < 200 ||" \
                " e.getBoundingClientRect().height < 15).length"
# Of each text against what it stands on (WCAG 2, relative luminance).
LEAST_CONTRAST = r"""(() => {
  const numbers = c => c.match(/[\d.]+/g).map(Number);
  const light = c => { const [r, g, b] = numbers(c).map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                       return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
                        if (numbers(c)[3] !== 0) return c; } return 'rgb(255,255,255)'; };
  return Math.min(...[...document.querySelectorAll('body *')].filter(e => !e.closest('svg') && e.textContent.trim()).map(e => {
    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05); }));
})()"""


if __name__ == "__main__":
    unittest.main()
