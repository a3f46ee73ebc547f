"""The media type of a file, from the end of its name. The table is Python's own, on every machine.

Source: InvenioRDM, "mimetype".
"""

from __future__ import annotations

from mimetypes import MimeTypes

COMPRESSED = {
    "gzip": "application/gzip",
    "bzip2": "application/x-bzip2",
    "xz": "application/x-xz",
    "br": "application/x-brotli",
    "compress": "application/x-compress",
}
MORE = {  # that not every version of Python knows
    ".7z": "application/x-7z-compressed",
    ".avif": "image/avif",
    ".dcm": "application/dicom",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".epub": "application/epub+zip",
    ".fits": "application/fits",
    ".flac": "audio/flac",
    ".geojson": "application/geo+json",
    ".gpkg": "application/geopackage+sqlite3",
    ".heic": "image/heic",
    ".jp2": "image/jp2",
    ".jsonld": "application/ld+json",
    ".md": "text/markdown",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ogg": "audio/ogg",
    ".parquet": "application/vnd.apache.parquet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".rtf": "application/rtf",
    ".ttl": "text/turtle",
    ".webp": "image/webp",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".zst": "application/zstd",
}

_table = MimeTypes()  # without the files of the machine
for _end, _type in MORE.items():
    _table.add_type(_type, _end)


def of_name(name: str) -> str | None:
    """Return the media type that a name ends in; None: it says none."""
    found, encoding = _table.guess_type(f"./{name}")  # a name is no URL
    return found if encoding is None else COMPRESSED.get(encoding)
