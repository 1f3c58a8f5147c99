# SPDX-License-Identifier: GPL-2.0-or-later
"""The AEADs of NTS written once more, straight from RFC 5297 and RFC 8452, over the AES block: what they agree on with
the daemon is not one mistake made twice."""

import hmac
import struct

from openssl import aes

BLOCK = 16


def _double(block):
    value = int.from_bytes(block, "big") << 1
    return ((value & (1 << 128) - 1) ^ (0x87 if value >> 128 else 0)).to_bytes(BLOCK, "big")


def _xor(one, other):
    return bytes(a ^ b for a, b in zip(one, other))


def _pad(octets, multiple=BLOCK):
    return octets + bytes(-len(octets) % multiple)


def cmac(key, message):
    """RFC 4493."""
    one = _double(aes(key, bytes(BLOCK)))
    whole = len(message) > 0 and len(message) % BLOCK == 0
    last = message[-BLOCK:] if whole else message[len(message) // BLOCK * BLOCK :]
    head = message[: len(message) - len(last)]
    last = _xor(last, one) if whole else _xor((last + b"\x80").ljust(BLOCK, b"\0"), _double(one))
    state = bytes(BLOCK)
    for at in range(0, len(head), BLOCK):
        state = aes(key, _xor(state, head[at : at + BLOCK]))
    return aes(key, _xor(state, last))


class SivCmac:
    """AEAD_AES_SIV_CMAC_*: any nonce; the synthetic IV comes first."""

    nonce_size = 16

    def __init__(self, key):
        self._mac_key, self._key = key[: len(key) // 2], key[len(key) // 2 :]

    def _synthetic_iv(self, *strings):
        state = cmac(self._mac_key, bytes(BLOCK))
        for string in strings[:-1]:
            state = _xor(_double(state), cmac(self._mac_key, string))
        last = strings[-1]
        if len(last) >= BLOCK:
            last = last[:-BLOCK] + _xor(last[-BLOCK:], state)
        else:
            last = _xor(_double(state), (last + b"\x80").ljust(BLOCK, b"\0"))
        return cmac(self._mac_key, last)

    def _stream(self, iv, octets):
        start = int.from_bytes(iv, "big") & ~(1 << 63 | 1 << 31)
        count = -(-len(octets) // BLOCK)
        blocks = b"".join((start + i & (1 << 128) - 1).to_bytes(BLOCK, "big") for i in range(count))
        return _xor(octets, aes(self._key, blocks)) if count else b""

    def seal(self, nonce, associated, plaintext):
        iv = self._synthetic_iv(associated, nonce, plaintext)
        return iv + self._stream(iv, plaintext)

    def open(self, nonce, associated, ciphertext):
        """The plaintext, or None."""
        plaintext = self._stream(ciphertext[:BLOCK], ciphertext[BLOCK:])
        good = hmac.compare_digest(self._synthetic_iv(associated, nonce, plaintext), ciphertext[:BLOCK])
        return plaintext if good else None


def _dot(one, other):
    """one * other * x^-128 in the field of POLYVAL."""
    product, polynomial = 0, 1 << 128 | 1 << 127 | 1 << 126 | 1 << 121 | 1
    for bit in range(128):
        if one >> bit & 1:
            product ^= other << bit
    for bit in range(128):
        if product >> bit & 1:
            product ^= polynomial << bit
    return product >> 128


def _polyval(key, octets):
    key, state = int.from_bytes(key, "little"), 0
    for at in range(0, len(octets), BLOCK):
        state = _dot(state ^ int.from_bytes(octets[at : at + BLOCK], "little"), key)
    return state.to_bytes(BLOCK, "little")


class GcmSiv:
    """AEAD_AES_128_GCM_SIV and 256: a nonce of 12 octets; the tag comes last."""

    nonce_size = 12

    def __init__(self, key):
        self._master = key

    def _keys(self, nonce):
        count = 2 + len(self._master) // 8
        blocks = aes(self._master, b"".join(struct.pack("<I", i) + nonce for i in range(count)))
        halves = b"".join(blocks[at : at + 8] for at in range(0, len(blocks), BLOCK))
        return halves[:BLOCK], halves[BLOCK:]

    @staticmethod
    def _tag(keys, nonce, associated, plaintext):
        lengths = struct.pack("<QQ", 8 * len(associated), 8 * len(plaintext))
        state = bytearray(_polyval(keys[0], _pad(associated) + _pad(plaintext) + lengths))
        state[:12] = _xor(state[:12], nonce)
        state[15] &= 0x7F
        return aes(keys[1], bytes(state))

    @staticmethod
    def _stream(key, tag, octets):
        start, rest = struct.unpack("<I", tag[:4])[0], tag[4:15] + bytes([tag[15] | 0x80])
        count = -(-len(octets) // BLOCK)
        blocks = b"".join(struct.pack("<I", start + i & 0xFFFFFFFF) + rest for i in range(count))
        return _xor(octets, aes(key, blocks)) if count else b""

    def seal(self, nonce, associated, plaintext):
        keys = self._keys(nonce)
        tag = self._tag(keys, nonce, associated, plaintext)
        return self._stream(keys[1], tag, plaintext) + tag

    def open(self, nonce, associated, ciphertext):
        """The plaintext, or None."""
        if len(nonce) != self.nonce_size:
            return None
        keys, tag = self._keys(nonce), ciphertext[-BLOCK:]
        plaintext = self._stream(keys[1], tag, ciphertext[:-BLOCK])
        return plaintext if hmac.compare_digest(self._tag(keys, nonce, associated, plaintext), tag) else None


KEY_SIZES = {15: 32, 16: 48, 17: 64, 30: 16, 31: 32}


def make(aead_id, key):
    return (GcmSiv if aead_id in (30, 31) else SivCmac)(key)
