"""Templates → HTML, and the headers under which browsers show it.

Everything that is put into a template is escaped unless it is Markup. A page needs nothing else:
its style stands in it, and its policy lets browsers use just that, by its digest.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

HTML = "text/html; charset=utf-8"
# Written by us and by nobody else: it holds nothing that would end the element it stands in.
STYLE = Markup(files("api.pages").joinpath("templates/style.css").read_text("utf-8"))  # noqa: S704
DIGEST = b64encode(sha256(STYLE.encode()).digest()).decode()
HEADERS = MappingProxyType(
    {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{DIGEST}'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        # A page may have been asked for with a credential in its address.
        "Referrer-Policy": "no-referrer",
        "Vary": "Accept-Language",
    }
)

_environment = Environment(
    loader=PackageLoader("api.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.globals["style"] = STYLE


def draw(template: str, **values: Any) -> bytes:
    """Return a page."""
    return _environment.get_template(template).render(values).encode()
