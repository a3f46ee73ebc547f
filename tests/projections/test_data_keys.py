"""Data keys: made once, wrapped under keys outside the database, wrapped anew by a rotation."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from domain.errors import Damaged
from domain.storage.encryption_keys import EncryptionKeys
from projections import data_keys
from projections.data_keys import DataKeys
from projections.database import Connections, connect, serving

PLACE = b"place"


@pytest.fixture
def keys(tmp_path: Path) -> EncryptionKeys:
    """Keys in a file that is not there yet."""
    return EncryptionKeys(tmp_path / "secrets.keys")


@pytest.fixture
def connections(database: str) -> Iterator[Connections]:
    """A way to the database, which has no data keys yet."""
    connections = Connections(serving(database, "test"))
    with connect(database) as owner:
        owner.execute("TRUNCATE es.data_key")
    yield connections
    connections.close()


def rotated(connections: Connections, keys: EncryptionKeys) -> int:
    """Have another key wrap from now on."""
    _, count = data_keys.rotate(connections.get(), keys)
    return count


def test_a_record_has_one_data_key(connections: Connections, keys: EncryptionKeys) -> None:
    """Made at its first use; another record has another."""
    mine, other = uuid4(), uuid4()

    sealed = DataKeys(connections, keys).of(mine).seal("tin", PLACE)

    assert DataKeys(connections, keys).of(mine).open(sealed, PLACE) == "tin"
    with pytest.raises(Damaged):
        DataKeys(connections, keys).of(other).open(sealed, PLACE)


def test_of_many_that_make_a_data_key_at_once_one_does(
    connections: Connections, keys: EncryptionKeys
) -> None:
    """What any of them sealed, all open."""
    record = uuid4()

    def seal(_: int) -> UUID:
        return DataKeys(connections, keys).of(record).seal("tin", PLACE).key

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(seal, range(8)))) == 1


def test_after_a_rotation_everything_opens_and_the_older_key_nothing(
    connections: Connections, keys: EncryptionKeys
) -> None:
    """It is not in the file any more, and no data key lies under it."""
    records = [uuid4() for _ in range(3)]
    sealed = {each: DataKeys(connections, keys).of(each).seal(each.hex, PLACE) for each in records}
    older, _ = keys.newest()

    assert rotated(connections, keys) == 3

    for record, secret in sealed.items():
        assert DataKeys(connections, keys).of(record).open(secret, PLACE) == record.hex
    assert keys.ids() == {keys.newest()[0]} != {older}
    with pytest.raises(Damaged, match=f"has no key {older}"):
        keys.key(older)


def test_secrets_are_written_and_opened_while_keys_are_rotated(
    connections: Connections, keys: EncryptionKeys
) -> None:
    """None is lost, whichever key was the newest when its own was made."""
    keys.newest()

    def write(_: int) -> bool:
        record = uuid4()
        sealed = DataKeys(connections, keys).of(record).seal("tin", PLACE)
        return DataKeys(connections, keys).of(record).open(sealed, PLACE) == "tin"

    with ThreadPoolExecutor(3) as pool:
        writes = [pool.submit(write, each) for each in range(40)]
        rotations = [pool.submit(rotated, connections, keys) for _ in range(6)]

    assert all(each.result() for each in writes)
    for each in rotations:
        each.result()
    assert data_keys.missing(connections.get(), keys) == []


def test_a_key_that_is_missing_is_told(connections: Connections, keys: EncryptionKeys) -> None:
    """By its id; a rotation then changes nothing, and makes no other key."""
    record = uuid4()
    sealed = DataKeys(connections, keys).of(record).seal("tin", PLACE)
    older, _ = keys.newest()
    kept = keys.path.read_bytes()
    keys.path.unlink()

    assert data_keys.missing(connections.get(), keys) == [older]
    with pytest.raises(Damaged, match=older):
        DataKeys(connections, keys).of(record)
    with pytest.raises(Damaged, match=older):
        rotated(connections, keys)
    assert not keys.path.exists()
    keys.path.write_bytes(kept)
    assert DataKeys(connections, keys).of(record).open(sealed, PLACE) == "tin"


@pytest.mark.parametrize("wrong", ["", "{", "[]", "{}", '{"keys":[]}', '{"keys":[{"id":"a"}]}'])
def test_a_file_that_holds_no_keys_is_not_written_over(keys: EncryptionKeys, wrong: str) -> None:
    """Nor is one whose key is too short."""
    for text in (wrong, '{"keys":[{"id":"a","key":"dGlu"}]}'):
        keys.path.write_text(text)
        for each in (keys.newest, keys.add, keys.ids):
            with pytest.raises(Damaged, match="holds no keys"):
                each()
        assert keys.path.read_text() == text


def test_the_file_is_closed_to_others(keys: EncryptionKeys) -> None:
    """As every file of keys is."""
    keys.newest()
    keys.add()

    assert keys.path.stat().st_mode & 0o777 == 0o600
