"""A hotline's own end: takes callbacks over real HTTP, and answers what it is told to."""

import json
import ssl
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from infra.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, verify
from tests.integration.certificates import Certificate

Reply = tuple[int, dict[str, str], bytes]


class Call(NamedTuple):
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        """Its JSON."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    def check(self, secret: str) -> None:
        """Raises Unauthenticated where it is not signed with `secret`, now."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        signature, at = headers.get(SIGNATURE_HEADER.lower()), headers.get(TIMESTAMP_HEADER.lower())
        verify([secret.encode()], at, self.body, signature, now=time.time())


class HotlineReceiver:
    """Answers 204, or the next of `answers`; a None in it is no answer until `let_go`. `calls` are all that came."""

    def __init__(self, certificate: Certificate | None = None) -> None:
        self.calls: list[Call] = []
        self.answers: list[Reply | None] = []
        self.on_call: Callable[[Call], None] = lambda call: None
        self.let_go = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._scheme = "http" if certificate is None else "https"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.file, certificate.key)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """Where it is called."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}/callback"

    def __enter__(self) -> "HotlineReceiver":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                call = Call(self.path, dict(self.headers), body)
                receiver.calls.append(call)
                receiver.on_call(call)
                reply = receiver.answers.pop(0) if receiver.answers else (204, {}, b"")
                if reply is None:
                    receiver.let_go.wait(30)
                    self.close_connection = True
                    return
                self._answer(*reply)

            def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(content))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler
