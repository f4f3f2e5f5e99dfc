"""What an ExternalDNS with `--txt-encrypt-enabled` writes, made of other parts than those that open it.

The cipher is put together from its low-level parts, and the gzip carries a file name and a time as any gzip may.
"""

import base64
import gzip
import io
import random

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

KEY = bytes(range(7, 39))
OTHER_KEY = bytes(range(8, 40))


def packed(plain: bytes) -> bytes:
    """Compress as one gzip member with every optional field."""
    buffer = io.BytesIO()
    with gzip.GzipFile("owner.txt", "wb", 9, buffer, mtime=1_790_000_000) as file:
        file.write(plain)
    return buffer.getvalue()


def sealed(content: bytes, key: bytes, nonce: bytes) -> str:
    """Encrypt octets, whatever they are: base64 of nonce, ciphertext and tag."""
    encryptor = Cipher(algorithms.AES(key), modes.GCM(nonce)).encryptor()
    ciphertext = encryptor.update(content) + encryptor.finalize()
    return base64.b64encode(nonce + ciphertext + encryptor.tag).decode()


class GcmCipher:
    """The lab's port for the encryption of TXT values, with a key and a fresh nonce for each write."""

    def __init__(self, key: bytes = KEY, seed: int = 1) -> None:
        self._key = key
        self._rng = random.Random(seed)

    def encrypt(self, text: str) -> str:
        return sealed(packed(text.encode()), self._key, self._rng.randbytes(12))

    def decrypt(self, text: str) -> str | None:
        try:
            octets = base64.b64decode(text, validate=True)
            nonce, ciphertext, tag = octets[:12], octets[12:-16], octets[-16:]
            decryptor = Cipher(algorithms.AES(self._key), modes.GCM(nonce, tag)).decryptor()
            return gzip.decompress(decryptor.update(ciphertext) + decryptor.finalize()).decode()
        except Exception:  # noqa: BLE001  # whatever is wrong with it, it was not made with this key
            return None
