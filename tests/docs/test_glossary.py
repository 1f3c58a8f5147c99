#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Documents and messages use one term for each concept: none of the words in the third column of docs/glossary.md."""

import os
import pathlib
import re
import unittest

ROOT = pathlib.Path(os.environ.get("GNOMON_SOURCE_ROOT", pathlib.Path(__file__).resolve().parents[2]))
GLOSSARY = ROOT / "docs/glossary.md"
MAX_LINES = 60
# Not prose: code in back quotes and in blocks, targets of links; requests of roff that have names in them.
CODE = re.compile(r"```[^`]*```|`[^`]+`|\]\([^)]*\)|^ {4}[^\n]*$", re.MULTILINE)
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
PROGRAMS = ("base", "config", "ctl", "daemon", "helpers", "ipc", "protocol")
ROFF_NAMES = re.compile(r"^\.(?:IR|BR|I|B|TP|SH)\b[^\n]*$", re.MULTILINE)


def texts():
    """What people read, by path. The glossary itself names the words and does not count."""
    programs = [path for folder in PROGRAMS for path in (ROOT / folder).rglob("*.?*") if path.suffix in (".cpp", ".hpp", ".varlink")]
    documents = [*programs, ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md"),
                 *(ROOT / "docs/man").glob("*.in"), *(ROOT / "base/events").glob("*.inc"), *(ROOT / "tests").rglob("README.md")]
    for path in sorted(documents):
        if path != GLOSSARY:
            yield path.relative_to(ROOT), path.read_text(encoding="utf-8")


def rows():
    """(term, words not to be used) of each row of the glossary."""
    for line in GLOSSARY.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[0] != "term":
            yield cells[0], [word.strip() for word in cells[2].split(",") if word.strip()]


def sentences(source):
    """What stands in the string literals of some code that have more than one word, each in its line."""
    source = re.sub(r"^[ \t]*(//|#include).*$", "", source, flags=re.MULTILINE)
    source = re.sub(r'"(\s*\n\s*)"', r"\1", source).replace("\n", "\0")  # literals side by side are one text
    out, end = "", 0
    for found in re.finditer(LITERAL, source):
        out += "\n" * source.count("\0", end, found.start()) + (found[1].replace("\0", "\n") if " " in found[1] else "") + " "
        end = found.end()
    return out


def prose(path, text):
    """The text without code; each piece of code leaves its line ends, so that lines keep their numbers."""
    if path.suffix == ".in":
        return ROFF_NAMES.sub("", text)
    if path.suffix in (".cpp", ".hpp", ".inc"):
        return re.sub(r"`[^`]+`", "", sentences(text))
    return CODE.sub(lambda found: "\n" * found.group().count("\n"), text)


def complaints(path, text, glossary):
    """(line number, word, better) of each word of `text` that another one stands for. A line may end between two words."""
    text, found = prose(path, text), []
    for term, words in glossary:
        for word in words:
            pattern = r"\b" + r"\s+".join(map(re.escape, word.split())) + r"\b"
            for match in re.finditer(pattern, text, re.IGNORECASE):
                found.append((text.count("\n", 0, match.start()) + 1, word, term))
    return sorted(found)


class Glossary(unittest.TestCase):
    def test_the_documents_use_the_terms_of_the_glossary(self):
        glossary = list(rows())
        found = [f'{path}:{number}: "{word}", better: {term}'
                 for path, text in texts() for number, word, term in complaints(path, text, glossary)]
        self.assertEqual([], found, "\n" + "\n".join(found))

    def test_it_has_each_term_and_each_word_once(self):
        terms = [term for term, _ in rows()]
        words = [word for _, row in rows() for word in row]
        self.assertGreater(len(words), 40)
        self.assertEqual(len(set(terms)), len(terms))
        self.assertEqual(len(set(words)), len(words))

    def test_it_is_a_page(self):
        self.assertLessEqual(len(GLOSSARY.read_text(encoding="utf-8").splitlines()), MAX_LINES)

    def test_the_documents_are_found(self):
        names = {str(path) for path, _ in texts()}
        self.assertLess({"README.md", "docs/events.md", "docs/man/gnomond.8.in", "base/events/clock.inc", "ctl/main.cpp"}, names)

    def test_the_rule_can_fail(self):
        def words(name, text):
            return [(number, word) for number, word, _ in complaints(pathlib.PurePath(name), text, list(rows()))]

        self.assertEqual([(2, "obey")], words("a.md", "What\nprograms obey.\n"))
        self.assertEqual([(1, "waits in vain"), (2, "in vain")], words("a.md", "Who asks waits\nin vain.\n"))
        self.assertEqual([(1, "patience")], words("a.inc", 'GNOMON_EVENT("Its patience is over.")\n'))
        self.assertEqual([(2, "patience")], words("a.cpp", '// patience\nlog("the patience "\n    "is over"); return "patience";\n'))
        self.assertEqual([(2, "orders")], words("a.in", ".BR orders (5)\ntakes orders\n"))
        self.assertEqual([], words("a.md", "In order to get `orders`, see [these](orders.md).\n\n    obey\n"))


if __name__ == "__main__":
    unittest.main(verbosity=1)
