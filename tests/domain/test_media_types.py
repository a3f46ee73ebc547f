"""Media types by the ends of names."""

from __future__ import annotations

import pytest

from domain.media_types import of_name


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("figure.png", "image/png"),
        ("FIGURE.PNG", "image/png"),
        ("a b/c%20d/table.csv", "text/csv"),
        ("data.tar.gz", "application/gzip"),  # what a reader gets, before it is unpacked
        ("image.fits", "application/fits"),
        ("README", None),
        ("x.unheard-of", None),
        ("data:text/html,x", None),
        ("http://x/y.pdf", "application/pdf"),
    ],
)
def test_a_name_says_the_media_type_by_its_end(name: str, wanted: str | None) -> None:
    """Case does not matter, and a name is never read as a URL."""
    assert of_name(name) == wanted
