#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whom an NTS client trusts: the stores of other distributions, those that the environment names, and changes of either while
it runs."""

import os
import pathlib
import shutil
import subprocess
import unittest

import surroundings
from daemons import Scene, client_line

# Where the distributions have the one file with everything, and those that have only that.
STORES = {"Debian, Arch, Alpine, NixOS": "ssl/certs/ca-certificates.crt", "Fedora": "pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
          "RHEL": "pki/tls/certs/ca-bundle.crt", "SUSE": "ssl/ca-bundle.pem", "Arch": "ca-certificates/extracted/tls-ca-bundle.pem",
          "like the BSDs": "ssl/cert.pem"}


def own_etc(copy):
    """A wrapper: the program sees this copy as /etc."""
    return ("unshare", "-m", "sh", "-c", f'mount --bind "{copy}" /etc && exec "$@"', "sh")


def may_mount():
    return surroundings.IS_ROOT and subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0


class Trust(Scene):
    def setUp(self):
        super().setUp()
        # Where the tests run may have its own.
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("SSL_CERT_")}
        self.ours = self.authority()
        self.server = self.start_server(certificate=self.ours.issue("server"))

    def client(self, name, *lines, environment=None, wrapper=()):
        return self.start(name, client_line(self.server, "localhost", nts=True), *lines,
                          environment=dict(self.environment, **(environment or {})), wrapper=wrapper)

    def test_the_environment_names_the_store(self):
        folder = self.state_folder("store")
        shutil.copy(self.ours.certificate, folder / "ours.pem")
        stranger = self.authority("stranger").certificate
        for number, named in enumerate(({"SSL_CERT_FILE": str(self.ours.certificate)}, {"SSL_CERT_DIR": str(folder)},
                                        {"SSL_CERT_FILE": str(stranger), "SSL_CERT_DIR": f"/nowhere:{folder}"})):
            with self.subTest(named=named):
                self.client(f"client-{number}", environment=named).wait_until_selected("localhost")
        nothing = self.client("nothing", environment={"SSL_CERT_FILE": "/nowhere.pem"})
        nothing.wait_for_log(r"SSL_CERT_FILE and SSL_CERT_DIR of the environment \(/nowhere\.pem\) name no trusted")

    @unittest.skipUnless(surroundings.IS_ROOT, "our own user may only look")
    def test_without_a_source_with_nts_nobody_misses_authorities(self):
        folder = self.state_folder("sources")
        lines = client_line(self.server, "127.0.0.2"), f"sourcedir {folder}"
        client = self.start("plain", *lines, environment=dict(self.environment, SSL_CERT_FILE="/nowhere.pem"))
        client.wait_until_selected("127.0.0.2")
        self.assertNotIn("trusted", client.log)
        (folder / "nts.sources").write_text(client_line(self.server, "localhost", nts=True) + "\n", encoding="ascii")
        subprocess.run([surroundings.CONTROL_PROGRAM, "--socket", str(client.socket), "reload", "sources"], check=True)
        client.wait_for_log(r"of the environment \(/nowhere\.pem\) name no trusted")

    def test_a_store_that_comes_later_is_used_without_a_restart(self):
        store = self.state_folder("store") / "bundle.pem"
        shutil.copy(self.authority("stranger").certificate, store)
        client = self.client("client", environment={"SSL_CERT_FILE": str(store)})
        # The second refusal: the next attempt would come a quarter of an hour later.
        client.wait_for_log(r"not signed by a trusted authority.*next try in 1\d\d\d s")
        # As update-ca-certificates does.
        new = store.with_suffix(".new")
        new.write_text(store.read_text(encoding="ascii") + self.ours.certificate.read_text(encoding="ascii"), encoding="ascii")
        os.rename(new, store)
        client.wait_for_log(f"{store} changed: reading the certificates of authorities again")
        client.wait_until_selected("localhost")
        self.assertNotRegex(client.log, "was killed|exited with status [1-9]")

    @unittest.skipUnless(may_mount(), "needs root and a mount namespace")
    def test_stores_of_other_distributions(self):
        copy = self.folder / "etc"
        shutil.copytree("/etc", copy, symlinks=True, ignore=shutil.ignore_patterns("ssl", "pki", "ca-certificates"),
                        ignore_dangling_symlinks=True)
        for number, (system, store) in enumerate(STORES.items()):
            for name in ("ssl", "pki", "ca-certificates"):
                shutil.rmtree(copy / name, ignore_errors=True)
            path = pathlib.Path(copy, store)
            path.parent.mkdir(parents=True)
            shutil.copy(self.ours.certificate, path)
            with self.subTest(system=system):
                client = self.client(f"client-{number}", wrapper=own_etc(copy))
                client.wait_until_selected("localhost")
                client.stop()


if __name__ == "__main__":
    unittest.main(verbosity=2)
