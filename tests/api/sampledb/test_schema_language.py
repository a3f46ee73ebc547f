"""SampleDB's schema language over HTTP: made strictly, asked at every write, completed."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api import asking
from tests.api.asking import API, User

NAME: dict[str, Any] = {"title": "Name", "type": "text"}


def schema(*, required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    """Return a schema with a name and other properties."""
    return {
        "title": "Object",
        "type": "object",
        "properties": {"name": NAME, **properties},
        "required": ["name", *required],
    }


def of(type_: str, **more: Any) -> dict[str, Any]:
    """Return the schema of one property."""
    return {"title": type_, "type": type_, **more}


def make(admin: User, schema: Any, **fields: Any) -> httpx.Response:
    """Ask for an action in the language, which is the default here."""
    body = {"name": asking.fresh("typed"), "type": "sample", "schema": schema} | fields
    return admin.client.post(f"{API}/actions/", json=body)


def action(admin: User, schema: Any, **fields: Any) -> int:
    """Make an action and return its number."""
    made = make(admin, schema, **fields)
    assert made.status_code == 201, made.text
    return int(made.json()["action_id"])


def write(who: User, action: int, name: str = "n", **properties: Any) -> httpx.Response:
    """Ask for an object."""
    data = {"name": {"_type": "text", "text": name}, **properties}
    return who.client.post(f"{API}/objects/", json={"action_id": action, "data": data})


def stored(who: User, response: httpx.Response) -> Any:
    """Return the data of the version that a write made."""
    assert response.status_code == 201, response.text
    return who.client.get(response.headers["Location"]).json()["data"]


def refused(response: httpx.Response) -> Any:
    """Return the body of a refusal."""
    assert response.status_code == 400, response.text
    return response.json()


def test_the_language_is_the_default_for_actions(admin: User, ada: User) -> None:
    """With or without being named; the schema is shown as it was sent."""
    sent = schema(note=of("text", multiline=True))

    for fields in ({}, {"schema_language": "sampledb"}):
        made = make(admin, sent, **fields)
        assert made.status_code == 201
        assert made.json()["schema"] == sent

    assert stored(ada, write(ada, made.json()["action_id"])) == {
        "name": {"_type": "text", "text": "n"}
    }


@pytest.mark.parametrize(
    ("wrong", "message", "path"),
    [
        ({"type": "object"}, "invalid schema (must contain title)", []),
        (schema(p={"title": "P", "type": "number"}), "invalid type", ["p"]),
        (schema(p=of("quantity", units="parsec per fortnight!")), "invalid units", ["p"]),
        (schema(p=of("quantity", units="9**9**9")), "invalid units", ["p"]),
        (schema(p=of("text", pattern="(")), "pattern is no valid regular expression", ["p"]),
        (schema(p=of("text", pattern="(a)\\1")), "look-around or back-references", ["p"]),
        (schema(p=of("text", format="uri")), "unexpected keys in schema: {'format'}", ["p"]),
        (schema(p_=of("text")), "invalid property name: p_", []),
        (schema(p=of("object", template=1)), "template must be the ID of a template", ["p"]),
    ],
)
def test_a_schema_is_checked_strictly_when_an_action_is_made(
    admin: User, wrong: Any, message: str, path: list[str]
) -> None:
    """400 with the first fault and its place, and no action."""
    answer = refused(make(admin, wrong))

    assert message in answer["message"]
    assert answer["error_paths"] == [path]


def test_all_faults_of_a_document_are_told_in_sampledbs_words(admin: User, ada: User) -> None:
    """Conditions first, then what is missing, then property by property in the document's order."""
    under = action(
        admin,
        schema(
            required=("must",),
            must=of("bool"),
            on=of("bool"),
            extra=of(
                "text", conditions=[{"type": "bool_equals", "property_name": "on", "value": True}]
            ),
            mass=of("quantity", units="g", max_magnitude=1),
            list=of("array", items=of("text", minLength=2)),
        ),
    )

    answer = refused(
        write(
            ada,
            under,
            unknown=1,
            list=[{"_type": "text", "text": "x"}],
            extra={"_type": "text", "text": "x"},
            mass={"_type": "quantity", "magnitude": 2000, "units": "g"},
        )
    )

    assert answer == {
        "message": "validation failed:\n"
        ' - conditions for property "extra" not fulfilled (at extra)\n'
        ' - missing required property "must" (at must)\n'
        ' - unknown property "unknown" (at unknown)\n'
        " - The text must be at least 2 characters long. (at list -> 0)\n"
        " - Must be less than or equal to 1000.0 g (at mass)",
        "error_paths": [["extra"], ["must"], ["unknown"], ["list", "0"], ["mass"]],
    }


def test_what_sampledb_completes_is_completed_and_every_other_byte_stays(
    admin: User, ada: User
) -> None:
    """Units, base magnitudes, dimensionality, choices, rows: in place, whatever the spelling."""
    under = action(
        admin,
        schema(
            mass=of("quantity", units="mg"),
            colour=of("text", choices=["red", "blue"]),
            run=of("timeseries", units="mm"),
            done=of("quantity", units="m"),
        ),
    )
    data = (
        '{ "name" : {"_type":"text","text":"\\u00e9 {\\"a\\"}"},\n'
        '"mass":{ "magnitude" : 1.50 , "_type": "quantity" } ,'
        '"run": {"_type":"timeseries", "data":[ [0,1] , [ 1 , 2.0,0.002 ]]},'
        '"colour":{"_type":"text","text":{"en":"red"}},'
        '"done":{"_type":"quantity","magnitude":1,"units":"km","dimensionality":"[length]",'
        '"magnitude_in_base_units":1e3}}'
    )

    made = ada.client.post(f"{API}/objects/", content=f'{{"action_id":{under},"data":{data}}}')

    assert made.status_code == 201, made.text
    shown = ada.client.get(made.headers["Location"]).text
    expected = (
        '{ "name" : {"_type":"text","text":"\\u00e9 {\\"a\\"}"},\n'
        '"mass":{ "magnitude" : 1.50 , "_type": "quantity"'
        ',"units":"mg","dimensionality":"[mass]","magnitude_in_base_units":1.5e-6 } ,'
        '"run": {"_type":"timeseries", "data":[ [0,1.0,0.001] , [ 1 , 2.0,0.002 ]]'
        ',"units":"mm","dimensionality":"[length]"},'
        '"colour":{"_type":"text","text":"red"},'
        '"done":{"_type":"quantity","magnitude":1,"units":"km","dimensionality":"[length]",'
        '"magnitude_in_base_units":1e3}}'
    )
    assert f'"data":{expected}' in shown.replace("0.0000015", "1.5e-6")


def test_a_version_is_held_to_the_schema_and_completed_too(admin: User, ada: User) -> None:
    """At every write, not only the first."""
    under = action(admin, schema(length=of("quantity", units="cm")))
    made = write(ada, under)
    versions = f"{made.headers['Location'].rpartition('/')[0]}/"
    data = {"name": {"_type": "text", "text": "n"}}

    wrong = ada.client.post(versions, json={"data": data | {"length": 5}})
    right = ada.client.post(
        versions, json={"data": data | {"length": {"_type": "quantity", "magnitude": 5}}}
    )

    assert refused(wrong)["error_paths"] == [["length"]]
    assert stored(ada, right)["length"] == {
        "_type": "quantity",
        "magnitude": 5,
        "units": "cm",
        "magnitude_in_base_units": 0.05,
        "dimensionality": "[length]",
    }


def test_a_stale_writer_hears_so_before_faults(admin: User, ada: User) -> None:
    """The version expected is looked at first."""
    made = write(ada, action(admin, schema()))
    versions = f"{made.headers['Location'].rpartition('/')[0]}/"

    answer = refused(ada.client.post(versions, json={"version_id": 7, "data": {}}))

    assert "error_paths" not in answer


def test_references_are_looked_up_where_the_object_is_written(
    admin: User, ada: User, bob: User
) -> None:
    """Objects by number and by what they are made under, users by number."""
    samples = action(admin, schema())
    measurements = action(admin, schema(), type="measurement")
    sample = int(write(bob, samples).headers["Location"].split("/")[4])
    measurement = int(write(bob, measurements).headers["Location"].split("/")[4])
    me = int(ada.client.get(f"{API}/users/me").json()["user_id"])
    under = action(
        admin,
        schema(
            s=of("sample"),
            m=of("measurement"),
            o=of("object_reference", action_id=samples),
            u=of("user"),
        ),
    )

    def refer(s: int, m: int, o: int, u: int) -> httpx.Response:
        numbers = {"s": ("sample", s), "m": ("measurement", m), "o": ("object_reference", o)}
        data: dict[str, Any] = {
            key: {"_type": type_, "object_id": number} for key, (type_, number) in numbers.items()
        }
        return write(ada, under, **data, u={"_type": "user", "user_id": u})

    assert refer(sample, measurement, sample, me).status_code == 201
    assert refused(refer(measurement, 10**9, measurement, 2**63))["message"] == (
        "validation failed:\n"
        " - object must be sample (at s)\n"
        " - object does not exist (at m)\n"
        " - object has wrong action (at o)\n"
        " - user does not exist (at u)"
    )


def test_a_reference_to_what_another_installation_has_is_not_looked_up(
    admin: User, ada: User
) -> None:
    """A component_uuid says that the number is not one of ours."""
    under = action(admin, schema(u=of("user")))

    made = write(ada, under, u={"_type": "user", "user_id": 10**9, "component_uuid": "x"})

    assert made.status_code == 201


def test_a_file_property_names_a_file_that_the_object_already_has(admin: User, ada: User) -> None:
    """Never on creation; afterwards by its number, when its name ends as the schema says."""
    under = action(admin, schema(f=of("file", extensions=[".CSV"])))
    file = {"_type": "file", "file_id": 0}
    first = refused(write(ada, under, f=file))
    at = write(ada, under).headers["Location"].removesuffix("versions/0")
    for each in ("a.csv", "a.png"):
        sent = {"storage": "database", "original_file_name": each, "base64_content": "YQ=="}
        assert ada.client.post(f"{at}files/", json=sent).status_code == 201
    data = {"name": {"_type": "text", "text": "n"}}

    def naming(number: int) -> httpx.Response:
        return ada.client.post(
            f"{at}versions/", json={"data": data | {"f": file | {"file_id": number}}}
        )

    assert first["message"].endswith("file does not exist (at f)")
    assert stored(ada, naming(0))["f"] == file
    assert "should have one of these extensions" in refused(naming(1))["message"]
    assert refused(naming(2))["message"].endswith("file does not exist (at f)")


def test_of_many_references_that_lead_nowhere_a_hundred_are_named(admin: User, ada: User) -> None:
    """And no more are looked up."""
    under = action(admin, schema(list=of("array", items=of("user"))))
    users = [{"_type": "user", "user_id": 10**9 + each} for each in range(5_000)]

    answer = refused(write(ada, under, list=users))

    assert answer["error_paths"] == [["list", str(each)] for each in range(100)]


def test_a_large_document_is_completed_as_a_small_one_is(admin: User, ada: User) -> None:
    """The helper process gives the bytes back."""
    under = action(admin, schema(list=of("array", items=of("quantity", units="mm"))))
    many = [{"_type": "quantity", "magnitude": each} for each in range(3_000)]

    data = stored(ada, write(ada, under, list=many))

    assert len(data["list"]) == 3_000
    assert data["list"][2_500]["magnitude_in_base_units"] == 2.5
    assert all(each["units"] == "mm" for each in data["list"])


def test_a_large_document_with_faults_names_a_hundred_of_them(admin: User, ada: User) -> None:
    """The first hundred, in order."""
    under = action(admin, schema(list=of("array", items=of("bool"))))

    answer = refused(write(ada, under, list=["x"] * 30_000))

    assert answer["error_paths"] == [["list", str(each)] for each in range(100)]


def test_a_large_schema_is_compiled_and_asked(admin: User, ada: User) -> None:
    """Made and used in the helper process."""
    choices = [f"choice number {each:05}" for each in range(5_000)]
    under = action(admin, schema(p=of("text", choices=choices)))

    assert write(ada, under, p={"_type": "text", "text": choices[-1]}).status_code == 201
    assert refused(write(ada, under, p={"_type": "text", "text": "none"}))["error_paths"] == [["p"]]


def test_the_same_document_is_another_readers_too(admin: User, ada: User) -> None:
    """What was completed is what /objects shows."""
    under = action(admin, schema(q=of("quantity", units="degC")))
    made = write(ada, under, q={"_type": "quantity", "magnitude": 20})
    number = made.headers["Location"].split("/")[4]

    shown = ada.client.get(f"/objects/{number}/versions/0")

    assert shown.status_code == 200
    assert shown.json()["data"]["q"]["magnitude_in_base_units"] == 293.15
