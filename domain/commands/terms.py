"""Terms of the vocabularies: put and retired by administrators and by the operator.

Source: InvenioRDM, "Vocabularies".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import msgspec
from msgspec import Struct

from domain import access
from domain.errors import Invalid, NotFound
from domain.log import Session
from domain.name import Name, NameClaimed, name_id
from domain.term import TYPES, Content, Ref, Term, TermAdded, term_id

ID_LENGTH = 255  # characters: of a URL too
BUILT_IN = "vocabularies"  # the kind of name that says which of those that come with us are there
NAMING = {"affiliations": "name", "subjects": "subject"}  # what must be there; else the title


class Outcome(Struct, frozen=True):
    """How many terms were new, said something else, or were as they are."""

    added: int = 0
    changed: int = 0
    same: int = 0


def put(session: Session, terms: Mapping[Ref, Content]) -> Outcome:
    """Have these terms say this from now on, all or nothing.

    Raises Forbidden, Invalid for an id or a content that cannot be.
    """
    _require(session)
    for ref, content in terms.items():
        require(ref, content)
    known = session.find_all(Term, [term_id(ref) for ref in terms])
    added = changed = 0
    for ref, content in terms.items():
        stream = term_id(ref)
        before = known.get(stream)
        if before is None:
            session.begin(stream, TermAdded(type=ref.type, key=ref.id, content=content))
            added += 1
        elif (event := before.put(content)) is not None:
            session.change(before, event)
            changed += 1
    return Outcome(added, changed, len(terms) - added - changed)


def differing(
    session: Session, terms: Mapping[Ref, Content]
) -> tuple[dict[Ref, Content], dict[Ref, Content]]:
    """Return those that there never were, and those that said something else or were retired."""
    known = session.find_all(Term, [term_id(ref) for ref in terms])
    new: dict[Ref, Content] = {}
    other: dict[Ref, Content] = {}
    for ref, content in terms.items():
        before = known.get(term_id(ref))
        if before is None:
            new[ref] = content
        elif before.put(content) is not None:
            other[ref] = content
    return new, other


def add_missing(session: Session, terms: Mapping[Ref, Content]) -> int:
    """Add those that there never were; return how many. Raises Forbidden."""
    _require(session)
    known = session.find_all(Term, [term_id(ref) for ref in terms])
    missing = {ref: content for ref, content in terms.items() if term_id(ref) not in known}
    for ref, content in missing.items():
        session.begin(term_id(ref), TermAdded(type=ref.type, key=ref.id, content=content))
    return len(missing)


def has_built_in(session: Session, digest: str) -> bool:
    """Whether the vocabularies of this digest were added, all of them."""
    return session.find(Name, id=name_id(BUILT_IN, digest)) is not None


def note_built_in(session: Session, digest: str) -> None:
    """Remember that the vocabularies of this digest were added."""
    if not has_built_in(session, digest):
        claim = NameClaimed(kind=BUILT_IN, value=digest, holder=session.actor.account)
        session.begin(name_id(BUILT_IN, digest), claim)


class Vocabulary:
    """What may be referred to, asked within a command (domain.schemas.rdm.Vocabulary)."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, refs: Collection[tuple[str, str]]) -> dict[tuple[str, str], Content]:
        """Return what those of these terms say that are in use."""
        ids = [term_id(each) for each in refs]
        found = self._session.find_all(Term, ids).values()
        return {term.ref: term.content for term in found if not term.retired}


def retire(session: Session, ref: Ref) -> Term:
    """Take a term out of use. Raises Forbidden, NotFound."""
    _require(session)
    term = session.find(Term, id=term_id(ref))
    if term is None:
        raise NotFound(f"There is no {ref.id} in {ref.type}.")
    return session.change(term, term.retire())


def retire_if_used(session: Session, ref: Ref) -> bool:
    """Take a term out of use; False when there is none or it is retired. Raises Forbidden."""
    term = session.find(Term, id=term_id(ref))
    if term is None or term.retired:
        return False
    retire(session, ref)
    return True


def require(ref: Ref, content: Content) -> None:
    """Pass for what a term can be called and say. Raises Invalid."""
    if ref.type not in TYPES:
        raise Invalid(f"There is no vocabulary {ref.type}; there are {', '.join(TYPES)}.")
    if not ref.id or ref.id != ref.id.strip() or not ref.id.isprintable():
        raise Invalid("id must be a printable text, without white space around it.")
    if len(ref.id) > ID_LENGTH:
        raise Invalid(f"id must have at most {ID_LENGTH} characters.")
    naming = NAMING.get(ref.type, "title")
    if not getattr(content, naming):
        raise Invalid(f"{naming} is missing.")
    if any("\0" in text for text in _texts(msgspec.to_builtins(content))):
        raise Invalid("No text may hold the character U+0000.")  # PostgreSQL keeps none


def _texts(value: object) -> Iterator[str]:
    """Give every text there is in a value of JSON, names of members too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from _texts(member)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _texts(member)


def _require(session: Session) -> None:
    if session.actor.account == access.OPERATOR:
        return
    access.require_scope(session.actor, "write")
    access.require_admin(session.actor)
