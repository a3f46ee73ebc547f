"""Terms of vocabularies: put, compared and retired; found by reference, name and words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.json import encode
from msgspec.structs import replace

from domain.commands import accounts, terms
from domain.commands.terms import Outcome, Vocabulary
from domain.errors import Forbidden, Invalid, NotFound
from domain.log import Log, Session
from domain.term import TYPES, Content, Ref, Term, term_id
from domain.vocabularies import built_in
from projections.database import connect, serving
from tests.writing import actor, log_on

OPERATOR = accounts.OPERATOR
TEXT = st.text(st.characters(exclude_characters="\\", exclude_categories=["Cs"]))
PHOTO = Content(title={"en": "Photo"}, tags=("depositable",), props={"csl": "graphic"})


@dataclass
class Terms:
    """A log on the module's database, and its terms as they stand."""

    log: Log
    database: str

    def put(self, *terms_: tuple[Ref, Content]) -> Outcome:
        """Put terms as the operator does."""
        return self.log.run(OPERATOR, terms.put, dict(terms_))

    def one(self, ref: Ref) -> Term:
        """The term as it stands."""
        found = self.log.heads.head(Term, id=term_id(ref))
        assert found is not None
        return found


@pytest.fixture
def vocabulary(database: str) -> Iterator[Terms]:
    """A log to put terms into."""
    with log_on(database) as log:
        yield Terms(log, database)


def photo() -> Ref:
    """A reference that no other test has."""
    return Ref("resourcetypes", f"image-{uuid4()}")


def test_a_term_says_what_was_put_last(vocabulary: Terms) -> None:
    """Each change is one event more, and the instant it was added stays."""
    ref = photo()
    assert vocabulary.put((ref, PHOTO)) == Outcome(added=1)
    added = vocabulary.one(ref)

    said = replace(PHOTO, title={"en": "Photograph"})
    assert vocabulary.put((ref, said)) == Outcome(changed=1)

    term = vocabulary.one(ref)
    assert (term.content, term.version) == (said, 2)
    assert term.created_at == added.created_at == added.recorded_at < term.recorded_at


def test_putting_the_same_again_is_no_event(vocabulary: Terms) -> None:
    """A vocabulary may be loaded as often as one likes."""
    ref = photo()
    vocabulary.put((ref, PHOTO))

    assert vocabulary.put((ref, PHOTO)) == Outcome(same=1)
    assert vocabulary.one(ref).version == 1


def test_a_term_of_another_vocabulary_may_have_the_same_id(vocabulary: Terms) -> None:
    """`other` is a title type, a date type and more."""
    one, two = Ref("titletypes", "other"), Ref("datetypes", "other")

    vocabulary.put((one, Content({"en": "Other title"})), (two, Content({"en": "Other date"})))

    assert vocabulary.one(one).content.title == {"en": "Other title"}
    assert vocabulary.one(two).content.title == {"en": "Other date"}


def test_an_id_may_be_a_url(vocabulary: Terms) -> None:
    """A subject's id is what its thesaurus calls it."""
    ref = Ref("subjects", f"http://id.nlm.nih.gov/mesh/{uuid4()}")

    vocabulary.put((ref, Content(subject="Calcimycin", scheme="MeSH")))

    assert vocabulary.one(ref).ref == ref


def test_a_retired_term_is_not_referred_to_anew(vocabulary: Terms) -> None:
    """It is there still, for what refers to it already."""
    kept, retired = photo(), photo()
    vocabulary.put((kept, PHOTO), (retired, PHOTO))

    vocabulary.log.run(OPERATOR, terms.retire, retired)

    def look(session: Session) -> dict[tuple[str, str], Content]:
        return Vocabulary(session).find([kept, retired, photo()])

    assert vocabulary.log.run(OPERATOR, look) == {kept: PHOTO}
    assert vocabulary.one(retired).content == PHOTO


def test_putting_a_retired_term_takes_it_into_use_again(vocabulary: Terms) -> None:
    """Even when it says what it said before."""
    ref = photo()
    vocabulary.put((ref, PHOTO))
    vocabulary.log.run(OPERATOR, terms.retire, ref)

    assert vocabulary.put((ref, PHOTO)) == Outcome(changed=1)
    assert not vocabulary.one(ref).retired


def test_a_term_is_retired_once(vocabulary: Terms) -> None:
    """And only if there is one."""
    ref = photo()
    with pytest.raises(NotFound, match=ref.id):
        vocabulary.log.run(OPERATOR, terms.retire, ref)
    vocabulary.put((ref, PHOTO))
    vocabulary.log.run(OPERATOR, terms.retire, ref)

    with pytest.raises(NotFound, match="retired"):
        vocabulary.log.run(OPERATOR, terms.retire, ref)


def test_administrators_alone_put_terms(vocabulary: Terms) -> None:
    """With a token that may write."""
    ref, user = photo(), actor()
    admin = replace(user, admin=True)
    for who in (user, replace(admin, scopes=frozenset({"read"}))):
        with pytest.raises(Forbidden):
            vocabulary.log.run(who, terms.put, {ref: PHOTO})

    assert vocabulary.log.run(admin, terms.put, {ref: PHOTO}) == Outcome(added=1)


@pytest.mark.parametrize(
    ("ref", "content", "reason"),
    [
        (Ref("languages", ""), PHOTO, "id must"),
        (Ref("languages", " x"), PHOTO, "white space"),
        (Ref("languages", "x\ny"), PHOTO, "printable"),
        (Ref("languages", "x" * 256), PHOTO, "255"),
        (Ref("languages", "x"), Content(), "title is missing"),
        (Ref("affiliations", "x"), PHOTO, "name is missing"),
        (Ref("subjects", "x"), PHOTO, "subject is missing"),
        (Ref("languages", "x"), Content({"en": "a\0"}), "No text may hold"),
    ],
)
def test_what_cannot_be_a_term_is_refused(
    vocabulary: Terms, ref: Ref, content: Content, reason: str
) -> None:
    """With the reason, and nothing of the same save is stored."""
    good = photo()
    with pytest.raises(Invalid, match=reason):
        vocabulary.put((good, PHOTO), (ref, content))

    assert vocabulary.log.heads.head(Term, id=term_id(good)) is None


@settings(max_examples=20, deadline=None)
@given(
    texts=st.dictionaries(TEXT.filter(bool), TEXT, min_size=1),
    name=st.none() | TEXT,
    tags=st.lists(TEXT),
)
def test_a_term_comes_back_as_it_was_put(
    database: str, texts: dict[str, str], name: str | None, tags: list[str]
) -> None:
    """Whatever its texts are; what PostgreSQL cannot keep is refused."""
    ref, content = photo(), Content(texts, texts, name, tuple(tags), texts, name)
    with log_on(database) as log:
        vocabulary = Terms(log, database)
        if "\\u0000" in encode(content).decode():
            with pytest.raises(Invalid, match="No text may hold"):
                vocabulary.put((ref, content))
            return
        vocabulary.put((ref, content))

        assert vocabulary.one(ref).content == content
        assert vocabulary.put((ref, content)) == Outcome(same=1)


def test_terms_are_found_by_the_beginnings_of_words(vocabulary: Terms) -> None:
    """Whatever their case and accents, titles in any language and the acronym too."""
    ref = Ref("affiliations", f"{uuid4()}")
    title = {"de": "Technische Universität Ötztal"}
    vocabulary.put((ref, Content(title=title, name="Oetztal Tech", acronym="TUÖ")))

    with connect(serving(vocabulary.database, "test")) as conn:
        for words in ("otz:*", "UNIVERSITÄT & technische", "oetztal", "tuo"):
            found = conn.execute(
                "SELECT key FROM terms WHERE words @@ to_tsquery('simple', es.folded(%s))", [words]
            )
            assert found.fetchall() == [(ref.id,)], words


def test_the_built_in_vocabularies_are_sound_and_whole() -> None:
    """Those that the specification names, each with what answers show of it."""
    found = built_in()
    for ref, content in found.items():
        terms.require(ref, content)
    counted = {type_: sum(ref.type == type_ for ref in found) for type_ in TYPES}

    assert counted["languages"] == 7847
    assert counted["resourcetypes"] == 33
    assert counted["licenses"] > 418
    assert [type_ for type_, number in counted.items() if not number] == ["subjects"]
    cern = found[Ref("affiliations", "01ggx4157")]
    assert (cern.name, cern.acronym) == ("European Organization for Nuclear Research", "CERN")
    assert found[Ref("resourcetypes", "image-photo")].title == {"en": "Photo"}
    assert found[Ref("licenses", "cc-by-4.0")].props["scheme"] == "spdx"
    for type_, id_ in (
        ("titletypes", "alternative-title"),
        ("contributorsroles", "editor"),
        ("relationtypes", "cites"),
        ("resourcetypes", "publication-article"),
    ):
        assert (type_, id_) in found
