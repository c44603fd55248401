"""A TCP link that can be cut, and that can swallow everything without a word (a black hole)."""

import socket
import threading
from contextlib import suppress


class Link:
    """Forwards a port of its own to `target`, a port of this machine."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._open: set[socket.socket] = set()
        self._passes, self._swallows = True, False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    def cut(self) -> None:
        """Every connection breaks, no new one comes about."""
        self._passes = False
        self._break_all()

    def swallow(self) -> None:
        """Connections stay, new ones come about, and nothing that is sent on them arrives."""
        self._swallows = True

    def mend(self) -> None:
        """New connections pass again. Those that lost something break."""
        if self._swallows:
            self._break_all()
        self._passes, self._swallows = True, False

    def close(self) -> None:
        """For good."""
        self.cut()
        self._listener.close()

    def _break_all(self) -> None:
        for one in list(self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with near, suppress(OSError):
            if not self._passes:
                return
            if self._swallows:
                self._carry(near, None)
                return
            with socket.create_connection(("127.0.0.1", self._target), timeout=10) as far:
                far.settimeout(None)
                back = threading.Thread(target=self._carry, args=(far, near), daemon=True)
                back.start()
                self._carry(near, far)
                back.join()

    def _carry(self, source: socket.socket, target: socket.socket | None) -> None:
        self._open.add(source)
        with suppress(OSError):
            while data := source.recv(65536):
                if not self._swallows and target is not None:
                    target.sendall(data)
        self._open.discard(source)
        if target is not None:
            with suppress(OSError):
                target.shutdown(socket.SHUT_RDWR)
