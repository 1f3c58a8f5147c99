#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of metrics, docs/metrics.md, the alert rules and the dashboard use the same names.

Argument: the program that prints the page."""

import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(os.environ.get("GNOMON_SOURCE_ROOT", pathlib.Path(__file__).resolve().parents[2]))
GENERATOR = sys.argv[1]
MONITORING = ROOT / "packaging/monitoring"
# A name in an expression, with the labels that are asked of it.
SELECTOR = re.compile(r"\b(gnomon_\w+)\s*(\{[^}]*\})?")


def table(page):
    """Labels by name."""
    rows = re.findall(r"^\| `(gnomon_\w+)` \| \w+ \| (.*?) \|", page, re.M)
    return {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}


def expressions():
    """Where each stands, and what it is."""
    rules = (MONITORING / "gnomon.rules.yml").read_text(encoding="utf-8")
    for block in re.split(r"^ +- alert: ", rules, flags=re.M)[1:]:
        yield "rule " + block.split()[0], re.search(r"expr: (.*?)\n +(for|labels):", block, re.S)[1]
    dashboard = json.loads((MONITORING / "gnomon-dashboard.json").read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        for target in panel.get("targets", ()):
            yield "panel " + panel["title"], target["expr"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield "variable " + variable["name"], variable["query"]["query"]


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = subprocess.run([GENERATOR], check=True, capture_output=True, text=True).stdout
        cls.names = table(cls.page)

    def test_the_page_is_the_one_that_the_table_gives(self):
        page = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
        self.assertEqual(self.page, page, "run: ninja -C build update-metrics")
        self.assertGreater(len(self.names), 50)

    def test_rules_and_dashboard_use_names_and_labels_that_there_are(self):
        of_prometheus = {"job", "instance"}
        complaints = []
        for where, expression in expressions():
            for name, labels in SELECTOR.findall(expression):
                if name not in self.names and not any(name in known for known in self.names.values()):
                    complaints.append(f"{where}: there is no {name}")
                for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", labels):
                    if label not in of_prometheus | self.names.get(name, set()):
                        complaints.append(f"{where}: {name} has no label {label}")
        self.assertEqual([], complaints)
        self.assertGreater(len(list(expressions())), 40)

    def test_the_rules_name_what_they_are_about(self):
        """An annotation with a label that the alert has not is an empty place in a mail."""
        rules = (MONITORING / "gnomon.rules.yml").read_text(encoding="utf-8")
        known = {"instance"} | {label for labels in self.names.values() for label in labels}
        self.assertEqual(set(), set(re.findall(r"\$labels\.(\w+)", rules)) - known)

    def test_every_alert_is_in_the_unit_test_of_the_rules(self):
        rules = (MONITORING / "gnomon.rules.yml").read_text(encoding="utf-8")
        tests = (MONITORING / "gnomon.rules.test.yml").read_text(encoding="utf-8")
        alerts = re.findall(r"- alert: (\w+)", rules)
        self.assertGreater(len(alerts), 10)
        self.assertEqual([], [alert for alert in alerts if f'alertname="{alert}"' not in tests])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
