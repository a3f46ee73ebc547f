"""InvenioRDM's record model: lax when a draft is saved, strict when it is published.

`load` keeps what is valid, in one form, and names every fault; a record may be published when there
is none. `references` and `dereference` show what was stored with what the vocabularies say, and
`interface` gives the `ui` of `application/vnd.inveniordm.v1+json`. `access` and `files` are the
other parts of a record, `request.read` reads all of a draft's; `pids` is not read. Nothing here
does I/O.
Source: the InvenioRDM specification, 2, 3 and 5.
"""

from __future__ import annotations

from domain.schemas.rdm.interface import interface
from domain.schemas.rdm.loading import Loaded, load, load_custom_fields, of_next_version
from domain.schemas.rdm.showing import dereference, references
from domain.schemas.rdm.vocabulary import Ref, Said, Terms, Vocabulary

__all__ = [
    "Loaded",
    "Ref",
    "Said",
    "Terms",
    "Vocabulary",
    "dereference",
    "interface",
    "load",
    "load_custom_fields",
    "of_next_version",
    "references",
]
