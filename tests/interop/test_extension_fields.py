#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`extfield F323` between gnomond and stock chronyd in both roles, plain, with a key and with NTS. What shows it is the
root dispersion: in the header of a packet it is a multiple of 2^-16 seconds, in the field of 2^-28."""

import unittest

import surroundings
from daemons import Chronyd, Scene, client_line, until

OPTIONS = "iburst minpoll 0 maxpoll 1 extfield F323"
KEY = "1 SHA256 HEX:" + "a5" * 32


def is_fine(seconds):
    """No multiple of what a header can say, which is rounded."""
    units = float(seconds) * 65536
    return float(seconds) > 0 and abs(units - round(units)) > 2e-3


class ExtensionFields(Scene):
    # A clock of its own has no root dispersion to tell.
    def start_server(self, name="server", extra=(), certificate=None, ports=None):
        upstream = client_line(super().start_server("upstream"))
        server = super().start_server(name, [upstream, *extra], certificate, ports)
        server.wait_until_selected("127.0.0.1")
        return server

    def start_chrony_server(self, name="chrony-server", certificate=None):
        upstream = client_line(super().start_server("upstream"))
        server = super().start_chrony_server(name, certificate, extra=[upstream])
        server.wait_until_selected("127.0.0.1")
        return server

    def assert_hears_root_values(self, client):
        def look():
            client.still_there()
            reply = client.ask("ntpdata")
            sources = (reply or {"sources": []})["sources"]
            return next((s for s in sources if s["total_good_rx"] > 3 and s["stratum"] > 3), None)

        data = until("good answers", look)
        self.assertTrue(is_fine(data["root_dispersion"]), data)
        client.wait_until_selected("127.0.0.1")
        return data

    def test_gnomond_from_gnomond(self):
        self.assert_hears_root_values(self.start("client", client_line(self.start_server(), options=OPTIONS)))

    def test_gnomond_from_gnomond_with_nts(self):
        authority = self.authority()
        server = self.start_server(certificate=authority.issue("server"))
        client = self.start("client", client_line(server, nts=True, options=OPTIONS), "nosystemcert",
                            f"ntstrustedcerts {authority.certificate}")
        self.assertTrue(self.assert_hears_root_values(client)["authenticated"])

    def test_without_the_option_root_values_are_those_of_the_header(self):
        client = self.start("client", client_line(self.start_server()))
        client.wait_until_selected("127.0.0.1")
        self.assertFalse(is_fine(client.ask("ntpdata")["sources"][0]["root_dispersion"]))


@unittest.skipUnless(surroundings.CHRONYD and surroundings.CHRONYC, "chrony is not installed")
class ExtensionFieldsWithChrony(ExtensionFields):
    ROOT_DISPERSION = 14

    def assert_chrony_hears_root_values(self, client):
        client.wait_until_selected("127.0.0.1")
        # It prints microseconds; a root dispersion may be less at first.
        row = until("chronyd reports a packet",
                    lambda: next((row for row in client.ask("ntpdata") if float(row[self.ROOT_DISPERSION]) > 0), None))
        self.assertTrue(is_fine(row[self.ROOT_DISPERSION]), row)

    def key_file(self, name):
        path = self.state_folder(name + "-keys") / "keys"
        path.write_text(KEY + "\n", encoding="ascii")
        path.chmod(0o644)
        return f"keyfile {path}"

    def test_gnomond_from_chronyd(self):
        server = self.start_chrony_server()
        self.assert_hears_root_values(self.start("client", client_line(server, options=OPTIONS)))

    def test_gnomond_from_chronyd_interleaved(self):
        server = self.start_chrony_server()
        client = self.start("client", client_line(server, options=OPTIONS + " xleave"))
        self.assertTrue(self.assert_hears_root_values(client)["interleaved"])

    def test_gnomond_from_chronyd_with_nts(self):
        authority = self.authority()
        server = self.start_chrony_server(certificate=authority.issue("server"))
        client = self.start("client", client_line(server, nts=True, options=OPTIONS), "nosystemcert",
                            f"ntstrustedcerts {authority.certificate}")
        self.assertTrue(self.assert_hears_root_values(client)["authenticated"])

    def test_chronyd_from_gnomond(self):
        server = self.start_server()
        self.assert_chrony_hears_root_values(Chronyd(self, "client", [client_line(server, options=OPTIONS)]))

    def test_chronyd_from_gnomond_interleaved(self):
        server = self.start_server()
        client = Chronyd(self, "client", [client_line(server, options=OPTIONS + " xleave")])
        self.assert_chrony_hears_root_values(client)

    def test_chronyd_from_gnomond_with_a_key(self):
        server = self.start_server(extra=[self.key_file("server")])
        client = Chronyd(self, "client", [client_line(server, options=OPTIONS + " key 1"), self.key_file("client")])
        self.assert_chrony_hears_root_values(client)

    def test_chronyd_from_gnomond_with_nts(self):
        authority = self.authority()
        server = self.start_server(certificate=authority.issue("server"))
        client = Chronyd(self, "client", [client_line(server, nts=True, options=OPTIONS), "nosystemcert",
                                          f"ntstrustedcerts {authority.certificate}"])
        self.assert_chrony_hears_root_values(client)


if __name__ == "__main__":
    unittest.main()
