"""Ways to damage bytes, each as a fuzzer does it: blindly, at places that matter, and with checksums made right."""

import struct
import zlib

_NUMBERS = (
    0,
    1,
    2,
    7,
    8,
    16,
    32,
    63,
    64,
    100,
    127,
    128,
    255,
    256,
    4096,
    32767,
    32768,
    65535,
    2**31 - 1,
    2**31,
    2**32 - 1,
)
_WORDS = (
    b"0", b"-1", b"1e999", b"nan", b"inf", b"99999999999999999999", b"\0", b"\n", b"[", b"]", b"{", b"(", b"'", b'"',
    b",", b";", b"/", b"\xff", b"\xe2\x88\x92", b"1/0", b"null", b"true", b" " * 80, b"[" * 60, b"9" * 400, b"#", b"\\",
)  # fmt: skip
LARGEST = 200_000


def mutate(data, others, random):
    """Return damaged bytes: one to four changes, or a piece of another file of the same kind."""
    result = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 4))):
        random.choice(_CHANGES)(result, others, random)
    return bytes(result[:LARGEST])


def _place(data, random):
    """Somewhere; the beginning, where headers are, half of the time."""
    if not data:
        return 0
    return random.randrange(min(len(data), random.choice((32, 128, 600, len(data)))))


def _flip(data, others, random):
    if data:
        data[_place(data, random)] ^= 1 << random.randrange(8)


def _byte(data, others, random):
    if data:
        data[_place(data, random)] = random.randrange(256)


def _number(data, others, random):
    width = random.choice("BHIQ")
    packed = struct.pack(random.choice("<>") + width, random.choice(_NUMBERS) % 256 ** struct.calcsize(width))
    place = _place(data, random)
    data[place : place + len(packed)] = packed


def _cut(data, others, random):
    del data[_place(data, random) if random.random() < 0.3 else random.randrange(len(data) + 1) :]


def _remove(data, others, random):
    place = _place(data, random)
    del data[place : place + random.choice((1, 2, 4, 16, 200))]


def _repeat(data, others, random):
    place = _place(data, random)
    piece = data[place : place + random.choice((1, 4, 16, 100))]
    data[place:place] = piece * random.choice((1, 2, 50))


def _insert(data, others, random):
    place = _place(data, random)
    data[place:place] = random.choice(_WORDS) if random.random() < 0.7 else random.randbytes(random.choice((1, 3, 40)))


def _overwrite(data, others, random):
    place, word = _place(data, random), random.choice(_WORDS)
    data[place : place + len(word)] = word


def _splice(data, others, random):
    other = random.choice(others)
    data[_place(data, random) :] = other[random.randrange(len(other) + 1) :]


_CHANGES = (_flip, _flip, _byte, _byte, _number, _number, _number, _cut, _remove, _repeat, _insert, _overwrite, _splice)


def png_with_checksums(data):
    """Make the checksums of a damaged PNG right, so that the damage is looked at."""
    result, place = bytearray(data), 8
    while place + 12 <= len(result):
        length = int.from_bytes(result[place : place + 4], "big")
        end = place + 8 + length
        if end + 4 > len(result):
            break
        result[end : end + 4] = zlib.crc32(result[place + 4 : end]).to_bytes(4, "big")
        place = end + 4
    return bytes(result)
