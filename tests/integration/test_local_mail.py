"""The SMTP sink keeps every message as a file before it says so."""

import smtplib
import sys
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from infra.local.ports import answers, free_ports
from infra.local.process import Process


def test_a_message_is_a_file_once_it_is_accepted(tmp_path: Path) -> None:
    port = free_ports(1)[0]
    sink = Process("smtp", record=tmp_path / "smtp.json", log=tmp_path / "smtp.log")
    command = ["-m", "infra.local.smtp_sink", "--port", str(port), "--directory", str(tmp_path / "mail")]
    sink.start([sys.executable, *command], {}, directory=Path.cwd())
    sink.wait_ready(lambda: answers(port), seconds=60)
    bulletin = EmailMessage()
    bulletin["Subject"] = "文明城市创建工作通报〔2026〕第1期"
    bulletin.set_content("五华区位列第一。")
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.send_message(bulletin, "wenming@example.org", ["wuhua@example.org", "panlong@example.org"])
        (file,) = (tmp_path / "mail").glob("*.eml")
    sink.stop(seconds=60)
    caught = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert caught["X-Envelope-To"] == "wuhua@example.org, panlong@example.org"
    assert caught["Subject"] == "文明城市创建工作通报〔2026〕第1期"
    assert caught.get_body().get_content() == "五华区位列第一。\r\n"  # type: ignore[union-attr]
