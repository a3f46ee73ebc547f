"""The sizes of images, from headers that anybody wrote."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.storage import images
from domain.storage.local import LocalBlobs
from domain.storage.space import Space
from domain.values import Content

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 960, 640, 8, 6, 0, 0, 0)
GIF = b"GIF89a" + struct.pack("<HHBBB", 960, 640, 0, 0, 0)
SOF = b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, 640, 960, 3) + bytes(9)
JPEG = b"\xff\xd8\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9) + SOF
IFD = struct.pack("<HHHIIHHIII", 2, 256, 4, 1, 960, 257, 4, 1, 640, 0)
LONG = 4 << 20  # bytes
WEBP = b"RIFF\x1a\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xbf\x03\0\x7f\x02\0"
BMP = b"BM" + bytes(12) + struct.pack("<IiiHHI", 40, 960, 640, 1, 24, 0) + bytes(20)


class Counted(LocalBlobs):
    """A store that counts the bytes it gives."""

    given = 0

    def read(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Give bytes; see Blobs."""
        for part in super().read(sha256, start, stop):
            self.given += len(part)
            yield part


class Images:
    """A store that images are put into."""

    def __init__(self, folder: Path) -> None:
        self.blobs = Counted(folder, Space(folder, 0))

    def pixels(self, *parts: bytes) -> tuple[int, int] | None:
        """Store bytes and return what they show as an image."""
        with self.blobs.upload(0) as upload:
            for part in parts:
                upload.write(part)
            blob = upload.keep()
        return images.pixels(self.blobs, Content(blob.sha256, blob.md5, blob.size))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Images:
    """A store of the module's own."""
    return Images(tmp_path_factory.mktemp("images"))


@pytest.mark.parametrize(
    "image",
    [
        PNG + bytes(100),
        GIF + bytes(100),
        JPEG + bytes(100),
        b"II*\0" + struct.pack("<I", 8) + IFD + bytes(100),
        b"II*\0" + struct.pack("<I", LONG) + bytes(LONG - 8) + IFD,  # what says it is at the end
        b"\xff\xd8" + 8 * (b"\xff\xe2\xff\xff" + bytes(65533)) + JPEG[2:],  # after a large profile
        WEBP + bytes(100),
        BMP,
    ],
    ids=["png", "gif", "jpeg", "tiff", "tiff-end", "jpeg-profile", "webp", "bmp"],
)
def test_an_image_has_its_width_and_height(store: Images, image: bytes) -> None:
    """The size is read from the header, wherever it lies."""
    assert store.pixels(image) == (960, 640)


@pytest.mark.parametrize(
    "other",
    [
        b"",
        b"tin",
        PNG[:20],
        JPEG[:12],
        b'<svg xmlns="http://www.w3.org/2000/svg" width="960" height="640"/>',
        b"P6 960 640 255\n" + bytes(100),
        b"GIF89a" + bytes(20),
        PNG.replace(struct.pack(">I", 960), b"\xff\xff\xff\xff"),
        b"II*\0\xff\xff\xff\xff" + bytes(100),
        b"\0\0\0\x18ftypavif" + bytes(200),
    ],
)
def test_what_is_no_whole_bitmap_has_no_size(store: Images, other: bytes) -> None:
    """Other formats, headers cut short, sizes that cannot be: none."""
    assert store.pixels(other) is None


@pytest.mark.parametrize(
    "hostile",
    [
        b"\xff\xd8" + b"\xff\xe0\0\0" * (1 << 18),  # segments that go nowhere
        b"\xff\xd8\xff" + bytes(LONG),
        b"\xff\xd8" + b"\xff" * LONG,
        b"\xff\xd8" + b"\xff\xe0\0\x02" * (1 << 20),  # a million empty segments
        b"II*\0\x08\0\0\0\xff\xff" + struct.pack("<HHII", 300, 4, 1, 1) * 65535,
        b"MM\0*\0\0\0\x08\xff\xff" + struct.pack(">HHII", 256, 5, 1, 8) * 65535,
    ],
)
def test_of_a_hostile_header_little_is_read(store: Images, hostile: bytes) -> None:
    """However long it leads on, it is given up after so many bytes."""
    before = store.blobs.given
    assert store.pixels(hostile) is None
    assert store.blobs.given - before <= images.BLOCKS * images.BLOCK


@given(
    st.sampled_from([PNG, GIF, JPEG, WEBP, BMP, b"II*\0", b"MM\0*", b"\xff\xd8\xff"]),
    st.integers(0, 40),
    st.binary(max_size=300),
)
def test_no_bytes_make_it_fail(store: Images, head: bytes, kept: int, rest: bytes) -> None:
    """Whatever follows the beginning of an image, there is a size or none."""
    found = store.pixels(head[: max(kept, 4)], rest)
    assert found is None or min(found) > 0


def test_a_missing_image_has_no_size(store: Images) -> None:
    """Bytes that the store has lost are no reason to fail here."""
    assert images.pixels(store.blobs, Content("0" * 64, "0" * 32, 100)) is None
