"""sampledbapi, SampleDB's published client: unmodified, against a real service."""

from __future__ import annotations

import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sampledbapi  # type: ignore[import-untyped]

from tests.api import asking
from tests.api.asking import User
from tests.running import Running


@pytest.fixture(scope="module")
def service(server: Running) -> Iterator[User]:
    """A signed-in user of the client, which keeps one address and key for all calls."""
    user = asking.user(server, "client")
    sampledbapi.authenticate(server.url, user.token)
    with user.client:
        yield user


@pytest.fixture(scope="module")
def action(server: Running) -> int:
    """A measurement with a name."""
    with asking.client(server, server.admin_token) as admin:
        return asking.action(
            admin, {"type": "object", "required": ["name"]}, type="measurement", name="Weighing"
        )


def _data(name: str) -> dict[str, Any]:
    return {"name": {"_type": "text", "text": name}}


@pytest.fixture
def number(service: User, action: int) -> int:
    """An object that the client has made."""
    return int(sampledbapi.objects.create(action, _data("tin")))


def test_it_signs_in_and_finds_itself(service: User) -> None:
    """`users/me` is the first thing that it asks."""
    assert sampledbapi.users.get_current().name == service.name


def test_it_makes_an_object_and_reads_it(service: User, action: int, number: int) -> None:
    """It follows the redirect to the current version, and asks who made it."""
    shown = sampledbapi.objects.get(number)

    assert (shown.object_id, shown.version_id, shown.action_id) == (number, 0, action)
    assert shown.version_editor.name == service.name
    assert shown.version_datetime is not None
    assert shown.schema == {"type": "object", "required": ["name"]}


def test_it_publishes_a_version_and_reads_both(number: int) -> None:
    """The old one by its number."""
    shown = sampledbapi.objects.get(number)

    shown.update(_data("lead"))

    now = sampledbapi.objects.get(number)
    assert now.version_id == 1
    assert now.get_version(0).data != now.data
    assert now.get_version(1).data == now.data


def test_it_moves_an_object_to_the_present_schema_of_its_action(
    server: Running, service: User
) -> None:
    """By sending that schema with a version."""
    before, after = {"type": "object"}, {"type": "object", "required": ["name"]}
    with asking.client(server, server.admin_token) as admin:
        action = asking.action(admin, before)
        shown = sampledbapi.objects.get(sampledbapi.objects.create(action, _data("tin")))
        admin.post(f"{asking.API}/actions/{action}", json={"schema": after})

    shown.update(_data("lead"))
    shown.update(_data("silver"), schema=after)

    assert [shown.get_version(number).schema for number in range(3)] == [before, before, after]
    with pytest.raises(Exception, match="schema must be that of the object"):
        shown.update(_data("gold"), schema=before)


def test_it_makes_an_object_of_what_its_helpers_write(server: Running, service: User) -> None:
    """A text, an instant and a reference, and reads them back by their counterparts."""
    utils = sampledbapi.utils
    kinds = {"name": "text", "made": "datetime", "of": "object_reference"}
    schema = {
        "title": "Tin",
        "type": "object",
        "properties": {name: {"title": name, "type": kind} for name, kind in kinds.items()},
        "required": ["name"],
    }
    with asking.client(server, server.admin_token) as admin:
        action = asking.action(admin, schema, type="sample", schema_language="sampledb")
    first = sampledbapi.objects.create(action, {"name": utils.text2json("tin")})
    made = datetime(2026, 2, 28, 12, 30)

    number = sampledbapi.objects.create(
        action,
        {
            "name": utils.text2json("foil"),
            "made": utils.datetime2json(made),
            "of": utils.objectreference2json(first),
        },
    )

    data = sampledbapi.objects.get(number).data
    assert utils.json2text(data["name"]) == "foil"
    assert utils.json2datetime(data["made"]) == made
    assert utils.json2objectreference(data["of"]) == first


def test_it_makes_an_object_under_a_schema_of_sampledbs_language(
    server: Running, service: User
) -> None:
    """Its quantities come back completed, and its faults come as the refusal's message."""
    schema = {
        "title": "Tin",
        "type": "object",
        "properties": {
            "name": {"title": "Name", "type": "text"},
            "mass": {"title": "Mass", "type": "quantity", "units": "g"},
        },
        "required": ["name", "mass"],
    }
    with asking.client(server, server.admin_token) as admin:
        typed = asking.action(admin, schema, type="sample", schema_language="sampledb")
    mass = {"_type": "quantity", "magnitude": 2.5}

    number = sampledbapi.objects.create(typed, _data("tin") | {"mass": mass})

    assert sampledbapi.objects.get(number).data["mass"] == mass | {
        "units": "g",
        "magnitude_in_base_units": 0.0025,
        "dimensionality": "[mass]",
    }
    with pytest.raises(Exception, match="missing required property"):
        sampledbapi.objects.create(typed, _data("tin"))


def test_it_lists_objects(action: int, number: int) -> None:
    """With its filters."""
    listed = sampledbapi.objects.get_list(action_id=action, limit=1)

    assert [each.object_id for each in listed] == [number]


def test_it_searches_objects(server: Running, service: User) -> None:
    """With the advanced search, beside its other filters, and by name only."""
    with asking.client(server, server.admin_token) as admin:
        under = asking.action(admin, {"type": "object"}, type="simulation")
    made = [
        sampledbapi.objects.create(under, _data(name) | {"of": [1]})
        for name in ("tin", "lead", "tin")
    ]

    def found(**params: Any) -> list[int]:
        listed = sampledbapi.objects.get_list(action_type="simulation", **params)
        return [each.object_id for each in listed]

    assert found(q='name == "tin"') == [made[2], made[0]]
    assert found(q='name == "tin"', limit=1, offset=1) == [made[0]]
    assert found(q='"e" in name', action_id=under) == [made[1]]
    [cut] = sampledbapi.objects.get_list(q='"e" in name', action_id=under, name_only=True)
    assert list(cut.data) == ["name"]
    with pytest.raises(Exception, match=r"400|ends too early"):
        found(q="name ==")


def test_it_reads_what_is_related_to_an_object(action: int, number: int) -> None:
    """What it refers to, and what refers to it."""
    reference = {"_type": "object_reference", "object_id": number}
    made = sampledbapi.objects.create(action, _data("foil") | {"from": reference})

    referred, referring = sampledbapi.objects.get(made).get_related_objects()
    assert ([each.object_id for each in referred], referring) == ([number], [])
    referred, referring = sampledbapi.objects.get(number).get_related_objects()
    assert (referred, [each.object_id for each in referring]) == ([], [made])


def test_it_lists_actions_and_reads_one(service: User, action: int) -> None:
    """Name, type and schema."""
    shown = sampledbapi.actions.get(action)

    assert action in [each.action_id for each in sampledbapi.actions.get_list()]
    assert (shown.name, shown.type) == ("Weighing", "measurement")


def test_it_reads_all_that_is_said_of_an_action(server: Running, service: User) -> None:
    """Its type's number, its description and whether it is hidden."""
    with asking.client(server, server.admin_token) as admin:
        number = asking.action(admin, description="On the small scale")
        admin.post(f"{asking.API}/actions/{number}", json={"is_hidden": True})

    shown = sampledbapi.actions.get(number)

    assert (shown.type_id, shown.description, shown.is_hidden) == (-99, "On the small scale", True)
    assert shown.instrument_id is None


def test_it_lists_action_types_and_reads_one(service: User) -> None:
    """By SampleDB's numbers."""
    listed = {each.type_id: each.name for each in sampledbapi.actiontypes.get_list()}

    assert listed == {
        -99: "Sample Creation",
        -98: "Measurement",
        -97: "Simulation",
        -96: "Schema Template",
    }
    assert sampledbapi.actiontypes.get(-99).object_name == "Sample"


def test_it_reads_all_that_is_said_of_a_user(server: Running, service: User) -> None:
    """ORCID iD, affiliation and role, and of oneself the e-mail address."""
    email = f"{service.name}@tin.example"
    told = {"--email": email, "--orcid": "0000-0002-1825-0097", "--affiliation": "Zinn AG"}
    server.cli("user", "change", service.name, *(word for pair in told.items() for word in pair))

    me = sampledbapi.users.get_current()

    assert (me.email, me.orcid, me.affiliation) == (email, "0000-0002-1825-0097", "Zinn AG")
    assert sampledbapi.users.get(me.user_id).email is None


def test_it_signs_in_with_an_access_token(server: Running, service: User) -> None:
    """And again with the one that refreshing gave."""
    path = f"{asking.API}/access_tokens/"
    try:
        pair = service.client.post(path, json={"description": "client"}).json()
        sampledbapi.authenticate(server.url, pair["access_token"])
        assert sampledbapi.users.get_current().name == service.name
        with asking.client(server, pair["refresh_token"]) as refreshing:
            pair = refreshing.post(path).json()
        sampledbapi.authenticate(server.url, pair["access_token"])
        assert sampledbapi.users.get_current().name == service.name
    finally:
        sampledbapi.authenticate(server.url, service.token)


def test_it_lists_users_and_reads_one(service: User) -> None:
    """By number."""
    me = sampledbapi.users.get_current()

    assert me.user_id in [each.user_id for each in sampledbapi.users.get_list()]
    assert sampledbapi.users.get(me.user_id).name == service.name


def test_it_grants_to_a_user_and_reads_it(server: Running, service: User, number: int) -> None:
    """One by one and all of them."""
    other = asking.user(server, "colleague")
    with other.client:
        user = int(other.client.get(f"{asking.API}/users/me").json()["user_id"])
    me = sampledbapi.users.get_current().user_id
    shown = sampledbapi.objects.get(number)
    assert shown.get_user_permissions(user) == "none"

    given = shown.set_user_permissions(user, "Write")

    assert given.json() == "write"
    assert shown.get_user_permissions(user) == "write"
    assert shown.get_all_user_permissions() == {str(me): "grant", str(user): "write"}


@pytest.mark.parametrize("kind", ["group", "project"])
def test_it_grants_to_a_group_and_to_a_project_and_reads_it(
    server: Running, service: User, number: int, kind: str
) -> None:
    """One by one and all of them."""
    with asking.client(server, server.admin_token) as admin:
        made = admin.post(f"{asking.API}/{kind}s/", json={"name": "Tin"})
    team = int(made.headers["Location"].rpartition("/")[2])
    word = {"group": "group", "project": "project_group"}[kind]
    shown = sampledbapi.objects.get(number)
    assert getattr(shown, f"get_{word}_permissions")(team) == "none"

    given = getattr(shown, f"set_{word}_permissions")(team, "Write")

    assert given.json() == "write"
    assert getattr(shown, f"get_{word}_permissions")(team) == "write"
    assert getattr(shown, f"get_all_{word}_permissions")() == {str(team): "write"}
    with pytest.raises(Exception, match="999999"):
        getattr(shown, f"set_{word}_permissions")(999999, "read")


def test_it_makes_an_object_public_and_closes_it(number: int) -> None:
    """The answer is the value, as it expects."""
    shown = sampledbapi.objects.get(number)
    assert shown.get_public() is False

    for public in (True, False):
        assert shown.set_public(public).json() is public
        assert shown.get_public() is public


def test_it_sends_a_file_and_reads_it(number: int, tmp_path: Path) -> None:
    """With its digest, and under the path that it had."""
    path = tmp_path / "tin.csv"
    path.write_bytes(b"Sn,50\n")
    shown = sampledbapi.objects.get(number)

    made = shown.upload_file(str(path))

    found = shown.get_file(made)
    assert b64decode(found.base64_content) == b"Sn,50\n"
    assert (found.original_file_name, found.storage) == (str(path), "database")
    assert [each.file_id for each in shown.get_file_list()] == [made]


def test_it_sends_a_file_under_another_name(number: int, tmp_path: Path) -> None:
    """The one that is given beside the path."""
    path = tmp_path / "tin.csv"
    path.write_bytes(b"")
    shown = sampledbapi.objects.get(number)

    made = shown.upload_file(str(path), "lead.csv")

    found = shown.get_file(made)
    assert (found.original_file_name, found.base64_content) == ("lead.csv", "")


def test_it_posts_a_link_and_reads_it(number: int) -> None:
    """The URL as it was posted."""
    shown = sampledbapi.objects.get(number)

    shown.post_link("https://tin.example/a.csv")

    assert shown.get_file(0).url == "https://tin.example/a.csv"


def test_it_lists_instruments_and_reads_their_logs(
    server: Running, service: User, number: int, tmp_path: Path
) -> None:
    """Entries with their categories, files and objects, one by one and all of them."""
    me = sampledbapi.users.get_current().user_id
    with asking.client(server, server.admin_token) as admin:
        body = {"name": "Balance", "instrument_scientists": [me]}
        path = admin.post(f"{asking.API}/instruments/", json=body).headers["Location"]
        admin.post(f"{path}/log_categories/", json={"title": "Repair"})
    balance = sampledbapi.instruments.get(int(path.rpartition("/")[2]))
    assert balance.instrument_id in [
        each.instrument_id for each in sampledbapi.instruments.get_list()
    ]
    assert [each.name for each in balance.instrument_scientists] == [service.name]
    file = tmp_path / "tin.csv"
    file.write_bytes(b"Sn,50\n")

    made = balance.create_log_entry("Weighs", [1], [str(file)], [number])

    entry = balance.get_log_entry(int(made.headers["Location"].rpartition("/")[2]))
    assert [each.log_entry_id for each in balance.get_log_entry_list()] == [entry.log_entry_id]
    assert entry.author.name == service.name
    [version] = entry.versions
    assert (version.content, version.utc_datetime is None) == ("Weighs", False)
    assert [each.title for each in version.categories] == ["Repair"]
    assert balance.get_log_category(1).title == balance.get_log_category_list()[0].title
    [attached] = entry.get_file_attachment_list()
    assert (attached.file_name, attached.file_attachment_id) == ("tin.csv", 1)
    assert entry.get_file_attachment(1).file_name == "tin.csv"
    assert entry.get_object_attachment_list()[0].object_id == number
    assert entry.get_object_attachment(1).object_id == number


def test_it_lists_locations_and_where_an_object_was(
    server: Running, service: User, number: int
) -> None:
    """Each of them, with its instant."""
    with asking.client(server, server.admin_token) as admin:
        path = admin.post(f"{asking.API}/locations/", json={"name": "Room 42"}).headers["Location"]
    room = sampledbapi.locations.get(int(path.rpartition("/")[2]))
    assert (room.name, room.type_id) == ("Room 42", -99)
    assert room.location_id in [each.location_id for each in sampledbapi.locations.get_list()]
    body = {"location_id": room.location_id, "description": "Shelf C"}
    service.client.post(f"{asking.API}/objects/{number}/locations/", json=body)
    shown = sampledbapi.objects.get(number)

    [occurence] = shown.get_location_occurences()

    assert (occurence.object_id, occurence.description) == (number, "Shelf C")
    assert shown.get_location_occurence(0).utc_datetime == occurence.utc_datetime is not None


def test_it_lists_location_types_and_reads_one(service: User) -> None:
    """The one that is there from the start."""
    listed = {each.location_type_id: each.name for each in sampledbapi.locationtypes.get_list()}

    assert listed[-99] == "Locations"
    assert sampledbapi.locationtypes.get(-99).name == "Locations"


def test_it_comments_on_an_object_and_reads_what_was_said(number: int) -> None:
    """One by one and all of them, each with its instant."""
    shown = sampledbapi.objects.get(number)

    posted = shown.post_comment("It is dented.")

    [listed] = shown.get_comment_list()
    comment = shown.get_comment(int(posted.headers["Location"].rsplit("/", 1)[1]))
    assert comment.comment_id == listed.comment_id
    assert (comment.object_id, comment.content) == (number, "It is dented.")
    assert comment.user_id == sampledbapi.users.get_current().user_id
    assert comment.utc_datetime == listed.utc_datetime
    assert comment.utc_datetime.year >= 2026


def _polled(enough: Callable[[list[Any]], bool], **after: int) -> list[Any]:
    """Ask for entries of the log until they are enough: it waits for whoever still writes."""
    until = time.monotonic() + 10
    while not enough(found := sampledbapi.object_log.get_object_log_entries(**after)):
        assert time.monotonic() < until
    return list(found)


def test_it_polls_the_object_log(number: int) -> None:
    """All of it, then what came after the highest entry it has seen."""
    [last, *_] = _polled(lambda entries: number in [each.object_id for each in entries])
    assert (last.type, last.data) == ("CREATE_OBJECT", {})
    assert last.user_id == sampledbapi.users.get_current().user_id

    sampledbapi.objects.get(number).update(_data("lead"))

    [edited] = _polled(bool, after_id=last.log_entry_id)
    assert (edited.type, edited.data) == ("EDIT_OBJECT", {"version_id": 1})
    assert sampledbapi.object_log.get_object_log_entries(after_id=edited.log_entry_id) == []


def test_it_hears_why_a_file_is_refused(number: int) -> None:
    """In the words of the refusal."""
    with pytest.raises(Exception, match="valid url"):
        sampledbapi.objects.get(number).post_link("tin")


def test_it_hears_why_a_permission_is_refused(number: int) -> None:
    """The last who may grant cannot be removed."""
    shown = sampledbapi.objects.get(number)
    me = sampledbapi.users.get_current().user_id

    with pytest.raises(Exception, match="Somebody must keep the permission"):
        shown.set_user_permissions(me, "read")
