# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS with what Python's ssl module lacks, the RFC 5705 exporter, and the AES block cipher: both from the OpenSSL 3
that Python itself brings along, by its public C interface."""

import ctypes
import ctypes.util
import socket

TLS_1_2, TLS_1_3 = 0x0303, 0x0304
NTSKE = b"ntske/1"

_ssl = ctypes.CDLL(ctypes.util.find_library("ssl") or "libssl.so.3")
_crypto = ctypes.CDLL(ctypes.util.find_library("crypto") or "libcrypto.so.3")

_pointer, _int, _long, _size, _text = ctypes.c_void_p, ctypes.c_int, ctypes.c_long, ctypes.c_size_t, ctypes.c_char_p
_SelectAlpn = ctypes.CFUNCTYPE(_int, _pointer, ctypes.POINTER(_pointer), ctypes.POINTER(ctypes.c_ubyte), _pointer,
                               ctypes.c_uint, _pointer)
_SSL_CTRL_SET_TLSEXT_HOSTNAME, _SSL_CTRL_SET_GROUPS_LIST, _SSL_CTRL_SET_MIN, _SSL_CTRL_SET_MAX = 55, 92, 123, 124
_SSL_ERROR_WANT_READ, _SSL_ERROR_ZERO_RETURN = 2, 6
_SSL_TLSEXT_ERR_OK, _SSL_TLSEXT_ERR_ALERT_FATAL, _SSL_TLSEXT_ERR_NOACK = 0, 2, 3


def _declare(library, result, name, *arguments):
    function = getattr(library, name)
    function.restype, function.argtypes = result, arguments
    return function


_method = _declare(_ssl, _pointer, "TLS_method")
_ctx_new = _declare(_ssl, _pointer, "SSL_CTX_new", _pointer)
_ctx_free = _declare(_ssl, None, "SSL_CTX_free", _pointer)
_ctx_ctrl = _declare(_ssl, _long, "SSL_CTX_ctrl", _pointer, _int, _long, _pointer)
_ctx_set_alpn = _declare(_ssl, _int, "SSL_CTX_set_alpn_protos", _pointer, _text, ctypes.c_uint)
_ctx_select_alpn = _declare(_ssl, None, "SSL_CTX_set_alpn_select_cb", _pointer, _SelectAlpn, _pointer)
_ctx_certificate = _declare(_ssl, _int, "SSL_CTX_use_certificate_chain_file", _pointer, _text)
_ctx_key = _declare(_ssl, _int, "SSL_CTX_use_PrivateKey_file", _pointer, _text, _int)
_new = _declare(_ssl, _pointer, "SSL_new", _pointer)
_free = _declare(_ssl, None, "SSL_free", _pointer)
_set_bio = _declare(_ssl, None, "SSL_set_bio", _pointer, _pointer, _pointer)
_set_connect = _declare(_ssl, None, "SSL_set_connect_state", _pointer)
_set_accept = _declare(_ssl, None, "SSL_set_accept_state", _pointer)
_ctrl = _declare(_ssl, _long, "SSL_ctrl", _pointer, _int, _long, _pointer)
_handshake = _declare(_ssl, _int, "SSL_do_handshake", _pointer)
_read = _declare(_ssl, _int, "SSL_read", _pointer, _pointer, _int)
_write = _declare(_ssl, _int, "SSL_write", _pointer, _text, _int)
_shutdown = _declare(_ssl, _int, "SSL_shutdown", _pointer)
_get_error = _declare(_ssl, _int, "SSL_get_error", _pointer, _int)
_version = _declare(_ssl, _int, "SSL_version", _pointer)
_selected = _declare(_ssl, None, "SSL_get0_alpn_selected", _pointer, ctypes.POINTER(_pointer),
                     ctypes.POINTER(ctypes.c_uint))
_server_name = _declare(_ssl, _text, "SSL_get_servername", _pointer, _int)
_export = _declare(_ssl, _int, "SSL_export_keying_material", _pointer, _pointer, _size, _text, _size, _text, _size,
                   _int)
_bio_new = _declare(_crypto, _pointer, "BIO_new", _pointer)
_bio_mem = _declare(_crypto, _pointer, "BIO_s_mem")
_bio_read = _declare(_crypto, _int, "BIO_read", _pointer, _pointer, _int)
_bio_write = _declare(_crypto, _int, "BIO_write", _pointer, _text, _int)
_take_error = _declare(_crypto, ctypes.c_ulong, "ERR_get_error")
_error_text = _declare(_crypto, _text, "ERR_reason_error_string", ctypes.c_ulong)
_clear_errors = _declare(_crypto, None, "ERR_clear_error")
_cipher_new = _declare(_crypto, _pointer, "EVP_CIPHER_CTX_new")
_cipher_free = _declare(_crypto, None, "EVP_CIPHER_CTX_free", _pointer)
_ciphers = {16: _declare(_crypto, _pointer, "EVP_aes_128_ecb")(), 24: _declare(_crypto, _pointer, "EVP_aes_192_ecb")(),
            32: _declare(_crypto, _pointer, "EVP_aes_256_ecb")()}
_encrypt_init = _declare(_crypto, _int, "EVP_EncryptInit_ex", _pointer, _pointer, _pointer, _text, _text)
_encrypt = _declare(_crypto, _int, "EVP_EncryptUpdate", _pointer, _pointer, ctypes.POINTER(_int), _text, _int)


def aes(key, blocks):
    """Each block of 16 octets encrypted by itself."""
    context, size = _cipher_new(), _int()
    out = ctypes.create_string_buffer(len(blocks) + 16)
    try:
        if not _encrypt_init(context, _ciphers[len(key)], None, key, None):
            raise ValueError("AES cannot be initialised")
        if not _encrypt(context, out, ctypes.byref(size), blocks, len(blocks)):
            raise ValueError("AES fails")
    finally:
        _cipher_free(context)
    return out.raw[: size.value]


class TlsError(Exception):
    """The handshake failed, or the peer sent an alert; the text is OpenSSL's."""


class Tls:
    """One end of a connection. The socket's timeout holds for every wait (TimeoutError)."""

    def __init__(self, connection, server_side, alpn=(NTSKE,), versions=(TLS_1_3, TLS_1_3), certificate=None,
                 server_name=None, segment=None, force_alpn=None, groups=None):
        self._socket = connection
        self.segment = segment
        self.closed_by_peer = False
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._context = _ctx_new(_method())
        _ctx_ctrl(self._context, _SSL_CTRL_SET_MIN, versions[0], None)
        _ctx_ctrl(self._context, _SSL_CTRL_SET_MAX, versions[1], None)
        self._offer_alpn(server_side, alpn, force_alpn)
        if groups:
            _ctx_ctrl(self._context, _SSL_CTRL_SET_GROUPS_LIST, 0, ctypes.c_char_p(groups))
        if certificate:
            self._use_certificate(*certificate)
        self._ssl = _new(self._context)
        self._incoming, self._outgoing = _bio_new(_bio_mem()), _bio_new(_bio_mem())
        _set_bio(self._ssl, self._incoming, self._outgoing)
        (_set_accept if server_side else _set_connect)(self._ssl)
        if server_name:
            _ctrl(self._ssl, _SSL_CTRL_SET_TLSEXT_HOSTNAME, 0, ctypes.c_char_p(server_name.encode()))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.cut()

    def _offer_alpn(self, server_side, alpn, forced):
        if not server_side:
            wire = b"".join(bytes([len(name)]) + name for name in alpn)
            _ctx_set_alpn(self._context, wire, len(wire))
            return

        def select(_ssl_, out, out_size, offered, offered_size, _argument):
            if forced:
                out[0], out_size[0] = ctypes.cast(ctypes.c_char_p(forced), _pointer).value, len(forced)
                return _SSL_TLSEXT_ERR_OK
            names = ctypes.string_at(offered, offered_size)
            for name in alpn:
                at = names.find(bytes([len(name)]) + name)
                if at >= 0:
                    out[0], out_size[0] = offered + at + 1, len(name)
                    return _SSL_TLSEXT_ERR_OK
            return _SSL_TLSEXT_ERR_ALERT_FATAL if alpn else _SSL_TLSEXT_ERR_NOACK

        self._select = _SelectAlpn(select)
        _ctx_select_alpn(self._context, self._select, None)

    def _use_certificate(self, certificate, key):
        if not _ctx_certificate(self._context, str(certificate).encode()):
            raise ValueError(f"cannot use the certificate {certificate}")
        if not _ctx_key(self._context, str(key).encode(), 1):
            raise ValueError(f"cannot use the key {key}")

    def _flush(self):
        buffer = ctypes.create_string_buffer(65536)
        while (size := _bio_read(self._outgoing, buffer, len(buffer))) > 0:
            octets, step = buffer.raw[:size], self.segment or size
            for at in range(0, size, step):
                self._socket.sendall(octets[at : at + step])

    def _drive(self, call):
        """The result of the call when it is there; None at the end of the stream."""
        while True:
            _clear_errors()
            result = call()
            error = _get_error(self._ssl, result)
            reason = _take_error()
            self._flush()
            if result > 0:
                return result
            if error == _SSL_ERROR_ZERO_RETURN:
                self.closed_by_peer = True
                return None
            if error != _SSL_ERROR_WANT_READ:
                raise TlsError((_error_text(reason) or b"the connection ended").decode())
            octets = self._socket.recv(65536)
            if not octets:
                return None
            _bio_write(self._incoming, octets, len(octets))

    def handshake(self):
        if self._drive(lambda: _handshake(self._ssl)) is None:
            raise TlsError("the connection ended in the handshake")
        return self

    def write(self, octets, piece=None):
        """In TLS records of `piece` octets each."""
        piece = piece or 16384
        for at in range(0, len(octets), piece):
            part = octets[at : at + piece]
            self._drive(lambda part=part: _write(self._ssl, part, len(part)))

    def read(self, size=65536):
        """Some octets; none at the end, and then closed_by_peer tells whether with close_notify."""
        buffer = ctypes.create_string_buffer(size)
        count = self._drive(lambda: _read(self._ssl, buffer, size))
        return buffer.raw[:count] if count else b""

    def read_to_end(self):
        octets = b""
        while part := self.read():
            octets += part
        return octets

    def close(self):
        """Says close_notify."""
        _clear_errors()
        _shutdown(self._ssl)
        self._flush()

    def cut(self):
        """Ends the connection without a word."""
        self._socket.close()

    def __del__(self):
        if getattr(self, "_ssl", None):
            _free(self._ssl)
            _ctx_free(self._context)

    @property
    def version(self):
        return _version(self._ssl)

    @property
    def alpn(self):
        name, size = _pointer(), ctypes.c_uint()
        _selected(self._ssl, ctypes.byref(name), ctypes.byref(size))
        return ctypes.string_at(name, size.value) if size.value else None

    @property
    def server_name(self):
        name = _server_name(self._ssl, 0)
        return name.decode() if name else None

    def export(self, context, size):
        label, out = b"EXPORTER-network-time-security", ctypes.create_string_buffer(size)
        if _export(self._ssl, out, size, label, len(label), context, len(context), 1) != 1:
            raise TlsError("the exporter fails")
        return out.raw[:size]
