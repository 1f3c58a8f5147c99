#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""No file of a library has for itself what another of its files, or a header beside them, has under the same name: -Dtogether=N
compiles any of them as one (docs/decisions/0020). Functions may overload each other. What is read is text, no compiler asked."""

import collections
import itertools
import os
import pathlib
import re
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("GNOMON_SOURCE_ROOT", pathlib.Path(__file__).resolve().parents[2]))
LIBRARY = re.compile(r"static_library\('([^']+)',((?:(?!static_library).)*?)\boverride_options: together\)", re.DOTALL)
# What may hold a brace or a semicolon that is no code: strings, characters, comments, the preprocessor's lines.
NO_CODE = re.compile(r'''R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'|//[^\n]*|/\*.*?\*/|^[ \t]*\#(?:\\\n|[^\n])*''',
                     re.DOTALL | re.MULTILINE)
NAMESPACE = re.compile(r"(?:inline )?namespace ?([\w:]*)")
ATTRIBUTE = re.compile(r"\[\[.*?\]\] ?|\b(?:alignas|decltype) ?\([^()]*\) ?")
OPERATOR = re.compile(r"\boperator ?(\(\)|\[\]|[^\s\w(]+)")
TYPE = re.compile(r"(?:struct|class|enum class|enum|union|concept|using(?= \w+ =)) (\w+)")


def libraries(root):
    """Name of a library that is compiled so -> its sources, but for generated ones."""
    for build in sorted(root.rglob("meson.build")):
        for name, arguments in LIBRARY.findall(build.read_text(encoding="utf-8")):
            found = [build.parent / source for source in re.findall(r"'([\w/]+\.cpp)'", arguments)]
            yield name, [source for source in found if source.is_file()]


def outside_brackets(text, wanted, brackets="<([{>)]}"):
    """Where, in no bracket, one of the wanted letters stands."""
    depth = 0
    for at, letter in enumerate(text):
        if letter in wanted and depth == 0:
            yield at
        elif letter in brackets and not text[:at].endswith("-"):
            depth += 1 if brackets.index(letter) < len(brackets) / 2 else -1


def split(text):
    starts = [0, *(at + 1 for at in outside_brackets(text, ",")), len(text) + 1]
    return [text[start:end - 1] for start, end in itertools.pairwise(starts)]


def parameter_types(text):
    """ "const Row& row, int n = 1" is ("const Row&", "int")."""
    typed = (parameter.split(" = ")[0].strip() for parameter in split(text) if parameter.strip())
    return tuple(re.sub(r"(?<=[\w&*>] )\w+$|(?<=[&*>])\w+$", "", parameter).strip() for parameter in typed)


def after_template(head):
    end = next(at for at in range(len(head)) if head[:at].count("<") == head[:at].count(">") > 0)
    return re.sub(r"^requires .*?(?=\b(auto|bool|class|constexpr|std::string|struct|void)\b)", "", head[end:].lstrip())


def declared(head):
    """Name of what begins so at namespace scope, and what tells it from others of that name: of functions the types of their
    parameters, of an alias what it stands for. None: it declares nothing, or a member."""
    whole = ATTRIBUTE.sub("", " ".join(head.split()))
    whole = OPERATOR.sub(lambda sign: f"operator_{sign.group(1).encode().hex()}", whole)
    head = after_template(whole) if whole.startswith("template") else whole
    if kind := TYPE.match(head):
        return kind.group(1), whole if head.startswith("using") else None
    end = next(outside_brackets(head, "([="), len(head))
    name = re.search(r"(?<![\w:~])(operator ?\S+|\w+) ?$", head[:end])
    if not re.match(r"\w", head) or not name or re.match(r"(using|namespace|extern|friend|static_assert|enum|struct|union)\b", head):
        return None
    if head[end:end + 1] != "(":
        return name.group(1), None
    parameters = parameter_types(head[end + 1:][:next(outside_brackets(head[end + 1:], ")"), None)])
    return name.group(1), ("template", *parameters) if head != whole else parameters


def declarations(text):
    """Of what stands at namespace scope: namespace, name, what tells it from others, and whether this file has it for itself."""
    text = NO_CODE.sub(lambda found: '""' if '"' in found.group()[:2] else " ", text)
    scopes, start = [], 0  # the name of a namespace, "" of one without name, None of any other block
    for brace in re.finditer(r"[{};]", text):
        head, at_top = text[start:brace.start()].strip(), None not in scopes
        named = NAMESPACE.fullmatch(head) if brace.group() == "{" and at_top else None
        if at_top and named is None and (found := declared(head)):
            yield "::".join(filter(None, scopes)), *found, "" in scopes or head.startswith("static ")
        if brace.group() == "{":
            scopes.append(named.group(1) if named else None)
        elif brace.group() == "}":
            scopes.pop()
        start = brace.end() if None not in scopes else start


def same(mark, other):
    """An alias may come twice if it stands for the same; a function may not come with the same parameters."""
    if mark is None or other is None or type(mark) is not type(other):
        return True
    return (mark == other) is isinstance(mark, tuple)


def clashes(sources):
    """What one of the sources has for itself and another, or a header beside it, has under the same name as well."""
    owners, found = collections.defaultdict(list), []
    for path in [*sources, *sorted({header for source in sources for header in source.parent.glob("*.hpp")})]:
        for namespace, name, mark, own in declarations(path.read_text(encoding="utf-8")):
            found += [(other, path, f"{namespace}::{name}") for other, other_mark, other_own in owners[namespace, name]
                      if other != path and (own or other_own) and same(mark, other_mark)]
            owners[namespace, name].append((path, mark, own))
    return found


class Together(unittest.TestCase):
    def test_no_file_of_a_library_has_a_name_that_another_has_for_itself(self):
        found = list(libraries(ROOT))
        self.assertGreater(sum(len(sources) for _, sources in found), 400, "which libraries are compiled together is not found")
        complaints = [f"{one.relative_to(ROOT)}, {other.relative_to(ROOT)}: {name} of {library}; give one of them another name"
                      for library, sources in found for one, other, name in clashes(sources)]
        self.assertEqual([], complaints, "\n" + "\n".join(complaints))

    def clashing(self, one, other, around="namespace gnomon {{\nnamespace {{\n{}\n}}\n}}\n"):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "meson.build").write_text("static_library('x', 'a.cpp',\n 'b.cpp', override_options: together)\n"
                                              "static_library('y', 'a.cpp', 'c.cpp')\n", encoding="utf-8")
            for name, text in (("a", around.format(one)), ("b", around.format(other)), ("c", around.format(one))):
                (root / f"{name}.cpp").write_text(text, encoding="utf-8")
            return [name for _, sources in libraries(root) for _, _, name in clashes(sources)]

    def test_names_that_clash(self):
        for one, other, name in (
            ("int f(int a) { return a; }", "[[nodiscard]] std::map<int, char> f(int b = 1);", "f"),
            ("struct S { int f; };", "enum class S { f };", "S"),
            ("constexpr int x = 1;", "constexpr std::array<int, 2> x{1, 2};", "x"),
            ('// {\nauto a = "{", b = 1\'0;\nint f() {}', "int f();", "f"),
            ("using A = int;", "using A = char;", "A"),
            ("template <typename T>\nvoid f(const T& a) {}", "template <class U> inline void f(const T& b);", "f"),
            ("int x = 1;", "void x() {}", "x"),
            ("bool operator==(A a, A b) {}", "bool operator==(A x, A y) {}", "operator_3d3d"),
        ):
            with self.subTest(one=one, other=other):
                self.assertEqual([f"gnomon::{name}"], self.clashing(one, other))
        self.assertEqual(["gnomon::f"], self.clashing("static int f() {}", "static int f();", "namespace gnomon {{\n{}\n}}\n"))

    def test_what_may_be_together(self):
        for one, other in (
            ("int f(int a) {}", "int f(char a) {}"),
            ("using A = int;", "using A = int;"),
            ("using base::Log;\nnamespace fs = std::filesystem;", "using base::Log;\nnamespace fs = std::filesystem;"),
            ("int f() { int x = 1; struct S {}; }", "int g() { int x = 1; struct S {}; }"),
            ("void A::f() {}", "void B::f() {}"),
            ("bool operator==(A a, A b) {}", "bool operator==(B a, B b) {}"),
            ("auto operator<=>(A a, A b) {}", "auto operator<=>(B a, B b) {}"),
            ("A operator>>(A a, int b) {}", "B operator>>(B a, int b) {}"),
            ("enum { a };", "enum { b };"),
            ("void f(int a) {}", "template <int N>\nvoid f(int a) {}"),
            ("}\nnamespace a {\nnamespace {\nint f();\n}", "}\nnamespace b {\nnamespace {\nint f();\n}"),
        ):
            with self.subTest(one=one, other=other):
                self.assertEqual([], self.clashing(one, other))


if __name__ == "__main__":
    unittest.main()
