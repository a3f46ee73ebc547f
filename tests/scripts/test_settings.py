"""Settings: where they come from, and how they are shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import Refusal
from scripts.settings import SETTINGS, Settings


def test_an_option_wins_over_the_environment_and_that_over_the_default() -> None:
    """Each value knows where it came from."""
    environment = {"MUNIMENT_PORT": "9000", "MUNIMENT_HOST": "::1"}

    settings = Settings.read({"port": "9001"}, environment)

    assert (settings.port, settings.host, settings.workers) == (9001, "::1", 2)
    origins = {name: source for name, _, source in settings.in_force()}
    assert (origins["port"], origins["host"]) == ("--port", "MUNIMENT_HOST")
    assert origins["workers"] == "default; MUNIMENT_WORKERS"


def test_without_anything_given_the_defaults_are_in_force() -> None:
    """The data lies in ./var, on loopback, with the limits the README names."""
    settings = Settings.read({}, {})

    assert (settings.data, settings.host, settings.port) == (Path("var"), "127.0.0.1", 8080)
    assert (settings.max_json_bytes, settings.max_json_depth) == (10_485_760, 100)
    assert (settings.body_timeout, settings.search_timeout) == (60, 5)
    assert (settings.max_schema_bytes, settings.space_reserve) == (1_048_576, 33_554_432)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("max_json_bytes", "20MiB", 20 * 2**20),
        ("space_reserve", "1 GiB", 2**30),
        ("max_schema_bytes", "4096", 4096),
        ("max_json_depth", "1", 1),
        ("max_json_depth", "254", 254),
        ("space_reserve", "0", 0),
        ("anonymous_users", "true", True),
        ("anonymous_users", "False", False),
        ("base_url", "https://data.example.org/muniment/", "https://data.example.org/muniment"),
    ],
)
def test_a_value_is_read_in_its_unit(name: str, text: str, value: object) -> None:
    """Sizes with a binary unit or in bytes; an address without its last slash; bounds included."""
    assert getattr(Settings.read({name: text}, {}), name) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("port", "65536"),
        ("anonymous_users", "yes"),
        ("port", "http"),
        ("workers", "0"),
        ("workers", "-1"),
        ("worker_class", "sync"),
        ("workers", "257"),
        ("max_json_bytes", "10MB"),
        ("max_json_bytes", "1023"),
        ("max_json_bytes", "257MiB"),
        ("max_json_bytes", "9" * 5000),
        ("max_json_depth", "0"),
        ("max_json_depth", "255"),
        ("max_json_depth", "1" * 5000),
        ("max_schema_bytes", "0"),
        ("max_schema_bytes", "65MiB"),
        ("space_reserve", "1025GiB"),
        ("body_timeout", "0"),
        ("body_timeout", "3601"),
        ("search_timeout", "0"),
        ("graceful_timeout", "3601"),
        ("base_url", "data.example.org"),
        ("certfile", "only-one.pem"),
        ("webhook_ca", "/nowhere/authorities.pem"),
        ("webhook_ca", __file__),
        ("admin_email", "ada@localhost"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(name: str, text: str) -> None:
    """The refusal names the option and says what is expected."""
    with pytest.raises(Refusal, match=f"--{name.replace('_', '-')}.*(expected|belong)"):
        Settings.read({name: text}, {})


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ada:s3cret@db.example.org/muniment",
        "postgresql:///muniment?user=ada&password=s3cret&sslmode=require",
        "host=db.example.org user=ada password=s3cret dbname=muniment",
        "host=db.example.org password='s3cret and \\' more' user=ada",
    ],
)
def test_a_password_in_the_databases_address_is_masked(url: str) -> None:
    """Whichever way it is written."""
    shown = {name: value for name, value, _ in Settings.read({}, {"DATABASE_URL": url}).in_force()}

    assert "s3cret" not in shown["database_url"]
    assert "more" not in shown["database_url"]
    assert "ada" in shown["database_url"]


@pytest.mark.parametrize("shown", ["s3cret", "ada:s3cret", "s3cret:x-oauth-basic"])
def test_a_token_in_an_address_is_masked(shown: str) -> None:
    """As those of Git remotes have it, whatever stands for the name."""
    given = {"MUNIMENT_CHECKPOINTS_REMOTE": f"https://{shown}@git.example.org/kept.git"}
    told = {name: value for name, value, _ in Settings.read({}, given).in_force()}

    assert told["checkpoints_remote"] == "https://***@git.example.org/kept.git"


def test_every_setting_has_a_variable_of_its_own_and_a_help_text() -> None:
    """The table is complete."""
    variables = [each.metadata["variable"] for each in SETTINGS]
    assert len(set(variables)) == len(variables)
    assert all(each.metadata["help"] for each in SETTINGS)


def test_a_file_gives_what_neither_option_nor_environment_does(tmp_path: Path) -> None:
    """TOML, by the names of the table; each value says that it came from there."""
    file = tmp_path / "muniment.toml"
    file.write_text('port = 9000\nworkers = 3\nhost = "::1"\nanonymous_users = true\n')

    settings = Settings.read({"config": str(file), "host": "127.0.0.2"}, {"MUNIMENT_PORT": "9001"})

    assert (settings.port, settings.workers, settings.host) == (9001, 3, "127.0.0.2")
    assert settings.anonymous_users is True
    origins = {name: source for name, _, source in settings.in_force()}
    assert origins["workers"] == f"{file}: workers"
    assert origins["port"] == "MUNIMENT_PORT"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("prot = 9000", "there is no setting prot"),
        ("port = 70000", "port: expected a whole number"),
        ("port = [1]", "port: expected a text"),
        ("workers = 1.5", "workers: expected a text"),
        ('config = "other.toml"', "there is no setting config"),
        ("port 9000", "muniment.toml"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(tmp_path: Path, text: str, why: str) -> None:
    """The refusal names the file, and what of it."""
    file = tmp_path / "muniment.toml"
    file.write_text(text)

    with pytest.raises(Refusal, match=f"(?s)muniment.toml.*{why}|{why}"):
        Settings.read({}, {"MUNIMENT_CONFIG": str(file)})


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A service does not start with other settings than those meant."""
    with pytest.raises(Refusal, match="No such file"):
        Settings.read({"config": str(tmp_path / "none.toml")}, {})


def test_settings_read_again_hold_those_that_no_reload_changes(tmp_path: Path) -> None:
    """The others are what the file says now."""
    file = tmp_path / "muniment.toml"
    file.write_text("port = 9000\nworkers = 3\n")
    settings = Settings.read({"config": str(file)}, {})
    file.write_text("port = 9001\nworkers = 4\n")

    again = settings.again(holding=["port"])

    assert (again.port, again.workers) == (9000, 4)
