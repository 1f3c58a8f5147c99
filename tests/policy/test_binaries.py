#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What each program links: its attack surface, read from the built files.

Arguments: NAME=PATH of every program.
"""

import os
import re
import subprocess
import sys
import unittest

PROGRAMS = dict(argument.split("=", 1) for argument in sys.argv[1:])
RUNTIME = {"libc.so", "libstdc++.so", "libgcc_s.so", "libm.so"}
LOADER = re.compile(r"ld-linux.*|libasan\.so|libubsan\.so|libtsan\.so|libclang_rt\..*|libpthread\.so")
# The libraries a program may need besides the C and C++ runtime.
ALLOWED = {
    "gnomond": {"libseccomp.so", "libfmt.so"},
    "gnomon-clock": {"libseccomp.so"},
    "gnomon-refclock": {"libseccomp.so"},
    "gnomon-metrics": {"libseccomp.so", "libfmt.so"},
    "gnomon-resolve": {"libseccomp.so", "libfmt.so"},
    "gnomon-core": {"libseccomp.so", "libfmt.so", "libwolfssl.so", "libboost_json.so", "libboost_container.so"},
    "gnomon-ntske": {"libseccomp.so", "libfmt.so", "libwolfssl.so"},
    "gnomon-probe": {"libseccomp.so", "libfmt.so", "libwolfssl.so"},
    "gnomon-primitives.so": {"libcrypto.so"},  # the server role of gnomon-ntske loads it, and nobody else
    "gnomon-replay": {"libfmt.so", "libboost_json.so", "libboost_container.so"},
    "gnomonctl": {"libfmt.so", "libboost_json.so", "libboost_container.so", "libedit.so"},
}


# What they have in them, so that they start sooner (docs/decisions/0054), where archives are to be had.
SELF_CONTAINED = os.environ.get("SELF_CONTAINED") == "true"
OF_PEOPLE = {"gnomonctl", "gnomon-replay"}  # programs that people start
CONTAINED = {"libstdc++.so", "libgcc_s.so", "libfmt.so", "libboost_json.so", "libboost_container.so"}
# In the build directory of packaging/demo an object is sixteen files, and who needs one of them links them all.
OF_SINGLE_FILES = unittest.skipIf(os.environ.get("TOGETHER", "1") != "1", "built with -Dtogether: programs contain what they do not use")


def read(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def needed(path):
    libraries = re.findall(r"\(NEEDED\).*\[(.*)\]", read("readelf", "-dW", path))
    return {re.sub(r"\.so.*|\.so$", ".so", library) for library in libraries if not LOADER.match(library)}


def undefined_symbols(path):
    lines = read("readelf", "-W", "--dyn-syms", path).splitlines()
    return {line.split()[-1].split("@")[0] if "@" in line.split()[-1] else line.split()[7].split("@")[0]
            for line in lines if " UND " in line and len(line.split()) > 7}


class Binaries(unittest.TestCase):
    @OF_SINGLE_FILES
    def test_each_program_needs_only_its_libraries(self):
        for name, path in PROGRAMS.items():
            with self.subTest(name):
                self.assertEqual(set(), needed(path) - RUNTIME - ALLOWED[name])

    @unittest.skipUnless(SELF_CONTAINED, "no archives")
    def test_the_daemon_s_programs_load_no_library_of_the_language(self):
        for name, path in PROGRAMS.items():
            if name not in OF_PEOPLE:
                with self.subTest(name):
                    self.assertEqual(set(), needed(path) & CONTAINED)

    def test_tls_is_out_of_reach_of_the_core(self):
        tls = {symbol for symbol in undefined_symbols(PROGRAMS["gnomon-core"]) if symbol.startswith("wolfSSL_")}
        self.assertEqual(set(), tls)

    def test_launcher_and_gnomonctl_have_no_cryptography(self):
        for name in ("gnomond", "gnomonctl"):
            with self.subTest(name):
                symbols = undefined_symbols(PROGRAMS[name])
                self.assertEqual(set(), {each for each in symbols if re.match(r"wolfSSL_|wc_|SSL_|gnutls_", each)})

    def test_the_names_are_resolved_by_the_resolver_alone(self):
        for name, path in PROGRAMS.items():
            if name in ("gnomon-resolve", "gnomonctl"):
                continue
            with self.subTest(name):
                self.assertFalse({"getaddrinfo", "gethostbyname"} & undefined_symbols(path))

    @OF_SINGLE_FILES
    def test_the_clock_is_set_by_the_clock_helper_alone(self):
        setters = {"clock_adjtime", "clock_settime", "adjtimex", "ntp_adjtime", "settimeofday", "adjtime"}
        self.assertTrue(setters & undefined_symbols(PROGRAMS["gnomon-clock"]))
        for name, path in PROGRAMS.items():
            if name == "gnomon-clock":
                continue
            with self.subTest(name):
                self.assertFalse(setters & undefined_symbols(path))

    def test_programs_are_hardened(self):
        for name, path in PROGRAMS.items():
            with self.subTest(name):
                self.assertIn("BIND_NOW", read("readelf", "-dW", path))
                self.assertIn("GNU_RELRO", read("readelf", "-lW", path))
                self.assertRegex(read("readelf", "-hW", path), r"Type:\s+DYN")
                stack = next(line for line in read("readelf", "-lW", path).splitlines() if "GNU_STACK" in line)
                self.assertNotIn("E", stack.split("GNU_STACK")[1])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
