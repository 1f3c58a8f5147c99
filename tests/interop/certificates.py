# SPDX-License-Identifier: GPL-2.0-or-later
"""A private certificate authority, made on the spot with the openssl command."""

import datetime
import os
import pathlib
import subprocess

DEFAULT_NAMES = ("DNS:localhost", "IP:127.0.0.1", "IP:::1")
DAY = datetime.timedelta(days=1)
# What openssl takes after -newkey.
ECDSA = ("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
RSA = ("rsa:2048",)
ED25519 = ("ed25519",)

CA_CONFIGURATION = """
[ca]
default_ca = here
[here]
database = {folder}/index.txt
new_certs_dir = {folder}
default_md = sha256
policy = any
rand_serial = yes
unique_subject = no
copy_extensions = copy
default_days = 30
[any]
commonName = supplied
[req]
distinguished_name = any_name
[any_name]
"""


def _openssl(*words):
    subprocess.run(("openssl",) + words, check=True, stdin=subprocess.DEVNULL, capture_output=True)


def _date(moment):
    return moment.strftime("%Y%m%d%H%M%SZ")


class Authority:
    """Issues certificates; `certificate` is its own, the trust anchor."""

    def __init__(self, folder, name="private CA of a test"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.certificate = self.folder / "ca.pem"
        self._key = self.folder / "ca.key"
        self._configuration = self.folder / "ca.cnf"
        self._configuration.write_text(CA_CONFIGURATION.format(folder=self.folder), encoding="ascii")
        (self.folder / "index.txt").touch()
        _openssl("req", "-x509", *self._new_key(self._key), "-days", "3650", "-subj", f"/CN={name}",
                 "-config", str(self._configuration),
                 "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                 "-addext", "subjectKeyIdentifier=hash", "-out", str(self.certificate))

    @staticmethod
    def _new_key(path, key=ECDSA):
        return ("-newkey", *key, "-nodes", "-keyout", str(path))

    def issue(self, name, subject_names=DEFAULT_NAMES, start=-DAY, end=30 * DAY, key_kind=ECDSA):
        """Paths of certificate and key; start and end count from now."""
        certificate, key, request = (self.folder / f"{name}.{suffix}" for suffix in ("pem", "key", "csr"))
        now = datetime.datetime.now(datetime.timezone.utc)
        _openssl("req", "-new", *self._new_key(key, key_kind), "-subj", f"/CN={name}", "-config", str(self._configuration),
                 *(("-addext", "subjectAltName=" + ",".join(subject_names)) if subject_names else ()),
                 "-out", str(request))
        _openssl("ca", "-batch", "-notext", "-config", str(self._configuration), "-cert", str(self.certificate),
                 "-keyfile", str(self._key), "-in", str(request), "-out", str(certificate),
                 "-startdate", _date(now + start), "-enddate", _date(now + end))
        os.chmod(key, 0o600)
        return certificate, key
