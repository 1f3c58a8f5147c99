#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The suite's own AEADs give what RFC 5297 and RFC 8452 say."""

import json
import os
import pathlib
import unittest

import aead

VECTORS = pathlib.Path(os.environ.get("GNOMON_SOURCE_ROOT", pathlib.Path(__file__).parents[3])) / "tests" / "vectors"


def octets(text):
    return bytes.fromhex(text)


class Ciphers(unittest.TestCase):
    def test_siv_cmac_as_in_rfc_5297(self):
        vectors = json.loads((VECTORS / "aes_siv_rfc5297.json").read_text())
        checked = 0
        for vector in vectors["rfc"] + vectors["generated"]:
            if len(vector["ads"]) < 2:
                continue
            associated, nonce = octets(vector["ads"][-2]), octets(vector["ads"][-1])
            if len(vector["ads"]) == 2:
                cipher = aead.SivCmac(octets(vector["key"]))
                plaintext, output = octets(vector["plaintext"]), octets(vector["output"])
                self.assertEqual(output, cipher.seal(nonce, associated, plaintext), vector["name"])
                self.assertEqual(plaintext, cipher.open(nonce, associated, output))
                self.assertIsNone(cipher.open(nonce, associated + b"x", output))
                checked += 1
        self.assertGreater(checked, 2)

    def test_gcm_siv_as_in_rfc_8452(self):
        vectors = json.loads((VECTORS / "aes_gcm_siv_rfc8452.json").read_text())
        checked = 0
        for group, entries in vectors.items():
            if not group.startswith("aead_3"):
                continue
            for vector in entries:
                cipher = aead.GcmSiv(octets(vector["key"]))
                nonce, associated = octets(vector["nonce"]), octets(vector["aad"])
                plaintext, result = octets(vector["plaintext"]), octets(vector["result"])
                self.assertEqual(result, cipher.seal(nonce, associated, plaintext))
                self.assertEqual(plaintext, cipher.open(nonce, associated, result))
                self.assertIsNone(cipher.open(nonce, associated, result[:-1] + bytes([result[-1] ^ 1])))
                checked += 1
        self.assertGreater(checked, 20)


if __name__ == "__main__":
    unittest.main()
