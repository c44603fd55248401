"""A channel's secret is changed while services run: the new one opens at once, the old one until its overlap ends."""

import json
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from cli.secrets import secrets
from infra.changing_secrets import ChangingSecrets
from infra.local.secret_file import change_secrets
from infra.problem import Unauthenticated
from infra.rotating_secrets import rotated, signing, valid
from infra.signature import SIGNATURE_HEADER, signed_headers, verify
from services.complaints.authentication import HmacSignature

AT = 1_772_411_400
BODY = b"{}"


def test_both_secrets_open_during_the_overlap_and_only_the_new_one_after_it() -> None:
    entries = rotated({"weibo": "old", "forum": "other"}, "weibo", "new", overlap=60, now=AT)

    assert valid(entries, "weibo", AT + 59) == [b"new", b"old"]
    assert valid(entries, "weibo", AT + 60) == [b"new"]
    assert valid(entries, "forum", AT) == [b"other"]
    assert valid(entries, "wechat", AT) == []


def test_a_second_rotation_ends_the_oldest_secret_and_one_without_overlap_ends_all_old_ones() -> None:
    twice = rotated(rotated({"weibo": "a"}, "weibo", "b", overlap=60, now=AT), "weibo", "c", overlap=60, now=AT)
    at_once = rotated(twice, "weibo", "d", overlap=0, now=AT)

    assert valid(twice, "weibo", AT) == [b"c", b"b"]
    assert valid(at_once, "weibo", AT) == [b"d"]


def test_the_first_secret_of_a_channel_has_no_old_one() -> None:
    assert rotated({}, "weibo", "new", overlap=60, now=AT) == {"weibo": "new", "weibo.rotated_at": str(AT)}


def test_a_signature_with_any_of_the_good_secrets_passes_and_with_no_other() -> None:
    headers = signed_headers(b"old", AT, BODY)

    HmacSignature().check([b"new", b"old"], headers, BODY, now=AT)
    for good in ([b"new"], []):
        with pytest.raises(Unauthenticated):
            HmacSignature().check(good, headers, BODY, now=AT)


def test_a_channel_may_name_headers_of_its_own() -> None:
    scheme = HmacSignature(timestamp_header="X-Ca-Timestamp", signature_header="X-Ca-Signature")
    named = dict(zip(("X-Ca-Timestamp", "X-Ca-Signature"), signed_headers(b"s", AT, BODY).values(), strict=True))

    scheme.check([b"s"], named, BODY, now=AT)
    with pytest.raises(Unauthenticated) as refusal:
        scheme.check([b"s"], signed_headers(b"s", AT, BODY), BODY, now=AT)
    assert refusal.value.field == "X-Ca-Timestamp"


def run(path: Path, *arguments: str) -> Result:
    """The command on a town whose secrets stand in `path`."""
    premises = SimpleNamespace(secrets_file=path, secrets=json.loads(path.read_text()))
    return CliRunner().invoke(secrets, list(arguments), obj=SimpleNamespace(instance=premises))


def test_the_command_rotates_one_channel_and_never_shows_a_secret(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    path.write_text(json.dumps({"token": "of portals", "hotline_12345": "Quokka-77", "weibo": "another"}))

    told, listed = run(path, "rotate", "hotline_12345", "--overlap", "2h"), run(path, "list")

    entries = json.loads(path.read_text())
    assert (told.exit_code, listed.exit_code) == (0, 0)
    assert (entries["token"], entries["weibo"]) == ("of portals", "another")
    assert entries["hotline_12345.previous"] == "Quokka-77"
    assert int(entries["hotline_12345.previous_until"]) - int(entries["hotline_12345.rotated_at"]) == 7200
    verify(
        entries["hotline_12345"].encode(),
        str(AT),
        BODY,
        signed_headers(entries["hotline_12345"].encode(), AT, BODY)[SIGNATURE_HEADER],
        now=AT,
    )
    assert all(secret not in told.output + listed.output for secret in ("Quokka-77", entries["hotline_12345"]))
    assert [line.split()[0] for line in listed.output.splitlines()] == ["hotline_12345", "weibo"]
    assert "old one good until" in listed.output.splitlines()[0]
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "arguments", [["token"], ["master_key"], ["weibo", "--overlap", "1y"], ["weibo", "--overlap", "91d"]]
)
def test_only_channels_are_rotated_and_only_with_a_span_of_time(tmp_path: Path, arguments: list[str]) -> None:
    path = tmp_path / "secrets.json"
    path.write_text('{"token": "t"}')

    assert run(path, "rotate", *arguments).exit_code == 2
    assert path.read_text() == '{"token": "t"}'


def test_what_we_sign_is_signed_with_the_old_secret_until_its_overlap_has_passed() -> None:
    entries = rotated({"x_callback": "old"}, "x_callback", "new", overlap=60, now=AT)

    assert [signing(entries, "x_callback", AT + n) for n in (0, 59, 60)] == ["old", "old", "new"]
    assert signing(rotated(entries, "x_callback", "now", overlap=0, now=AT), "x_callback", AT) == "now"
    assert signing(entries, "y_callback", AT) is None


def test_a_time_that_is_none_ends_the_old_secret_and_nothing_else() -> None:
    odd = {"weibo": "new", "weibo.previous": "old", "weibo.previous_until": "tomorrow"}

    assert valid(odd, "weibo", AT) == [b"new"]
    assert signing(odd, "weibo", AT) == "new"


def test_the_secret_of_callbacks_is_rotated_by_the_same_command(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    path.write_text(json.dumps({"hotline_12345_callback": "Quokka-78"}))

    told, listed = run(path, "rotate", "hotline_12345_callback", "--overlap", "2h"), run(path, "list")

    entries = json.loads(path.read_text())
    assert entries["hotline_12345_callback.previous"] == "Quokka-78"
    assert (told.exit_code, "the old one signs until" in told.output) == (0, True)
    assert (listed.exit_code, listed.output.startswith("hotline_12345_callback")) == (0, True)
    assert entries["hotline_12345_callback"] not in told.output + listed.output


def test_two_who_change_the_secrets_at_once_lose_nothing(tmp_path: Path) -> None:
    path, both = tmp_path / "secrets.json", threading.Barrier(2)

    def add(name: str) -> None:
        both.wait()
        for n in range(20):
            change_secrets(path, lambda known: known | {f"{name}{n}": "s"})  # noqa: B023

    threads = [threading.Thread(target=add, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(json.loads(path.read_text())) == 40
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["[]", '{"a": 1}', '{"a": "1"', "\ud800"], ids=["list", "number", "half", "no text"])
def test_a_secrets_file_that_is_none_changes_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secrets.json"
    path.write_text('{"a": "s"}')
    secrets_now = ChangingSecrets(path)
    assert secrets_now.get("a") == "s"

    path.write_text(text, "utf-8", "surrogatepass")

    assert secrets_now.get("a") == "s"
    path.write_text('{"a": "another"}')
    assert secrets_now.get("a") == "another"


def test_a_secrets_file_that_cannot_be_read_for_a_moment_is_read_at_the_next_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secrets.json"
    path.write_text('{"a": "s"}')
    secrets_now = ChangingSecrets(path)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", _no_descriptor_left)
        assert secrets_now.get("a") is None

    assert secrets_now.get("a") == "s"


def _no_descriptor_left(_: Path) -> bytes:
    raise OSError(24, "too many open files")
