"""Catches the mail of one machine: every message becomes a file, none is sent on.

    python -m infra.local.smtp_sink --port 8602 --directory .wenming/local/mail

A file is the message as it came (`.eml`, any mail program opens it) under two lines that say who it was for.
"""

import asyncio
import itertools
import signal
import time
from pathlib import Path

import click
from aiosmtpd.smtp import SMTP, Envelope, Session


class MailFiles:
    """aiosmtpd's handler: writes each message into `directory` before it is acknowledged."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._number = itertools.count(1)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep one message; aiosmtpd calls this when its last line has come."""
        name = f"{time.time_ns()}-{next(self._number):06d}"
        unfinished = self._directory / f"{name}.part"
        unfinished.write_bytes(_headers(envelope) + _content(envelope))
        unfinished.rename(self._directory / f"{name}.eml")
        return "250 kept"


def _headers(envelope: Envelope) -> bytes:
    recipients = ", ".join(envelope.rcpt_tos)
    return f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {recipients}\r\n".encode()


def _content(envelope: Envelope) -> bytes:
    content = envelope.content or b""
    return content if isinstance(content, bytes) else content.encode()


async def serve(host: str, port: int, directory: Path) -> None:
    """Listen until SIGTERM or SIGINT."""
    directory.mkdir(parents=True, exist_ok=True)
    files = MailFiles(directory)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(files, enable_SMTPUTF8=True, loop=loop), host, port)
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    async with server:
        await stopped.wait()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=int, required=True)
@click.option("--directory", type=click.Path(path_type=Path), required=True)
def main(host: str, port: int, directory: Path) -> None:
    """Catch mail as files."""
    asyncio.run(serve(host, port, directory))


if __name__ == "__main__":
    main()
