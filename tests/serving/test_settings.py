import dataclasses
from pathlib import Path

import pytest

from serving import __main__ as serving_main
from serving.settings import Settings, workers
from standfirst.errors import InputError


def test_defaults_hold_when_nothing_is_set() -> None:
    others = {"PATH": "/bin", "STANDFIRST_JOBS": " ", "STANDFIRST_DATA": "data"}
    assert Settings.from_environment(others) == Settings()


def test_variables_are_read(tmp_path: Path) -> None:
    found = Settings.from_environment(
        {
            "STANDFIRST_MAX_BODY_BYTES": "99",
            "STANDFIRST_TIMEOUT_S": "0.5",
            "STANDFIRST_TOPICS": str(tmp_path),
            "STANDFIRST_CORS_ORIGINS": "https://cms.example.org, http://localhost:8080",
            "STANDFIRST_LOG_LEVEL": "DEBUG",
        }
    )
    assert (found.max_body_bytes, found.timeout_s, found.topics) == (99, 0.5, tmp_path)
    assert found.cors_origins == ("https://cms.example.org", "http://localhost:8080")
    assert found.log_level == "debug"


def test_as_many_calls_at_once_as_there_are_cores_for_a_worker() -> None:
    cores = Settings().calls
    assert cores >= 1
    assert Settings(workers=2).calls == max(1, cores // 2)
    assert Settings(workers=256).calls == 1
    assert Settings(workers=2, threads=3).calls == 3


def test_a_file_is_read_and_variables_win(tmp_path: Path) -> None:
    path = tmp_path / "service.toml"
    path.write_text('jobs = 3\ntimeout_s = 2\ncors_origins = ["https://a.example"]\n', encoding="utf-8")
    found = Settings.from_environment({"STANDFIRST_CONFIG": str(path), "STANDFIRST_JOBS": "5"})
    assert found == Settings(jobs=5, timeout_s=2.0, cors_origins=("https://a.example",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("job = 3", "did you mean jobs?"),
        ("jobs = 0", "expected a whole number from 1"),
        ("jobs = true", "expected a number, a string or a list"),
        ("jobs = 1.5", "expected a whole number"),
        ("[jobs]\nx = 1", "expected a number, a string or a list"),
        ("jobs = ", "broken TOML"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "service.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message) as caught:
        Settings.from_environment({"STANDFIRST_CONFIG": str(path)})
    assert caught.value.where.startswith("service.toml")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("STANDFIRST_MAX_BODY_BITES", "1", "did you mean STANDFIRST_MAX_BODY_BYTES?"),
        ("STANDFIRST_JOBS", "two", "expected a whole number from 1"),
        ("STANDFIRST_JOBS", "0", "expected a whole number from 1"),
        ("STANDFIRST_CACHE_MIB", "-1", "expected a whole number from 0"),
        ("STANDFIRST_TIMEOUT_S", "nan", "expected a number from 0.001"),
        ("STANDFIRST_TOPICS", "/no/such/folder", "expected an exported model"),
        ("STANDFIRST_TOKENS_FILE", "/no/such/file", "expected bearer tokens"),
        ("STANDFIRST_CORS_ORIGINS", "cms.example.org", "expected origins such as https"),
        ("STANDFIRST_LOG_LEVEL", "loud", "expected one of debug, info"),
        ("STANDFIRST_CONFIG", "/no/such/file.toml", "there is no such file"),
    ],
)
def test_what_is_wrong_is_named(name: str, value: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        Settings.from_environment({name: value})
    assert caught.value.where == name


def test_links_to_a_kubernetes_service_of_our_name_are_no_settings() -> None:
    links = {
        "SERVICE_HOST": "10.96.0.7",
        "SERVICE_PORT": "3000",
        "SERVICE_PORT_HTTP": "3000",
        "PORT": "tcp://10.96.0.7:3000",
        "PORT_3000_TCP": "tcp://10.96.0.7:3000",
        "PORT_3000_TCP_PROTO": "tcp",
        "PORT_3000_TCP_PORT": "3000",
        "PORT_3000_TCP_ADDR": "10.96.0.7",
    }
    for service in ("STANDFIRST", "STANDFIRST_WEB"):
        assert Settings.from_environment({f"{service}_{name}": value for name, value in links.items()}) == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STANDFIRST_PORT", "3000"),
        ("STANDFIRST_HTTP_PORT", "3000"),
        ("STANDFIRST_PORT_TCP", "tcp://10.96.0.7:3000"),
        ("STANDFIRST_SERVICE", "10.96.0.7"),
        ("STANDFIRST_SERVICE_PORT", "http"),
        ("STANDFIRST_PORT_3000_TCP_NAME", "http"),
    ],
)
def test_what_only_looks_like_a_link_is_unknown(name: str, value: str) -> None:
    with pytest.raises(InputError, match="unknown setting"):
        Settings.from_environment({name: value})


def test_workers_of_wrong_settings_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANDFIRST_WORKERS", "2")
    assert workers() == 2
    monkeypatch.setenv("STANDFIRST_JOBS", "none")
    assert workers() == 1


def test_help_names_every_setting_with_its_default(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        serving_main.main(["--help"])
    text = capsys.readouterr().out
    for field in dataclasses.fields(Settings):
        (line,) = [found for found in text.splitlines() if found.startswith(f"STANDFIRST_{field.name.upper()} ")]
        assert field.metadata["about"] in line
        assert "(default " in line


def test_a_wrong_setting_is_said_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert serving_main.main(["--check"]) == 0
    monkeypatch.setenv("STANDFIRST_JOBS", "none")
    assert serving_main.main(["--check"]) == 2
    assert "STANDFIRST_JOBS: expected a whole number" in capsys.readouterr().err
