"""All of Wenming on one machine: `up`, `down`.

    with Instance("demo", clock="simulated:2026-03-02T08:30:00+08:00,600") as wenming:
        print(wenming.addresses())

One command at a time works on an instance (a lock), so a second `up` finds everything up. Whatever is still alive is
recognised by its record and left alone; whatever is missing is started.
"""

import contextlib
import fcntl
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from infra.local import memory as memories
from infra.local.memory import Memory
from infra.local.ports import answers, ports_for, require_free, with_settings
from infra.local.premises import CHECKOUT, External, Premises
from infra.local.programs import PROGRAMS, TOPOLOGY, Program
from infra.local.trouble import NotReady, Trouble, last_lines
from infra.local.waiting import holds_within
from infra.logging import mask

Report = Callable[[str], None]
LOCK_SECONDS = 180.0


def silent(_: str) -> None:
    """A report that nobody reads."""


class Instance(Premises):
    """See Premises for `name`, `root`, `programs`, `external`, `settings` and `environment`.

    `clock` is "wall", "simulated:<ISO start>,<speed>", or None for going on as before; `topology` is the command that
    declares the queues, () for none.
    """

    def __init__(
        self,
        name: str = "local",
        *,
        root: Path | None = None,
        clock: str | None = None,
        programs: Sequence[Program] = PROGRAMS,
        topology: Sequence[str] = TOPOLOGY,
        external: External | None = None,
        settings: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(
            name, root=root, programs=programs, external=external, settings=settings, environment=environment
        )
        self._clock, self._topology = clock, tuple(topology)

    def __enter__(self) -> "Instance":
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def up(self, report: Report = silent) -> bool:
        """Start whatever is missing and wait until it is ready. Returns False where everything was up already.

        Raises Trouble (what could not be started, and why) after stopping whatever this call had started.
        """
        with self._alone(report):
            if self.is_up():
                return False
            before = self._living()
            self._settle(anything_runs=bool(before))
            try:
                self._start_servers(report)
                self._declare_topology(report)
                for wave in self._waves():
                    self._start_wave(wave, report)
            except BaseException:
                self._stop_all(report, sparing=before)
                raise
            return True

    def down(self, report: Report = silent) -> bool:
        """Stop everything, the last started first. Returns False where nothing ran."""
        if not self._memory_file.exists():
            return False
        with self._alone(report):
            ran = bool(self._living())
            self._stop_all(report)
            if ran:
                memories.remember(self._memory_file, memories.stopped(self.memory))
            return ran

    def start_program(self, name: str) -> None:
        """Start the program `name` again and wait until it is ready (for tests of what happens while it was away)."""
        self._start_wave([one for one in self.programs if one.name == name], silent)

    # --- starting -----------------------------------------------------------------------------------------------------

    def _settle(self, *, anything_runs: bool) -> None:
        """Decide ports and clock and remember them; while something runs they stay as they are."""
        old = memories.recall(self._memory_file)
        if old is None or not anything_runs:
            ports = with_settings(old.ports, self._environment) if old else ports_for(self.name, self._environment)
            clock = memories.started_clock(self._clock, old)
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            memories.remember(self._memory_file, Memory(ports, clock))
        self.logs.mkdir(parents=True, exist_ok=True)

    def _start_servers(self, report: Report) -> None:
        """The private ones that do not run, both at once."""
        missing = [
            server
            for server, external in ((self.database, self.external.mongodb_url), (self.broker, self.external.amqp_url))
            if not external and not server.process.alive()
        ]
        for server in missing:
            server.start()
        for server in missing:
            server.wait_ready()
            report(f"{server.process.name}: ready")

    def _declare_topology(self, report: Report) -> None:
        if not self._topology:
            return
        log = self.logs / "topology.log"
        with log.open("ab") as output:
            command = self._command(self._topology)
            try:
                done = subprocess.run(
                    command, env=self.environment(), cwd=CHECKOUT, stdout=output, stderr=output, timeout=60, check=False
                )
            except subprocess.TimeoutExpired as error:
                said = last_lines(log)
                raise NotReady(f"the broker at {mask(self.amqp_url)} does not answer; the log ends:\n{said}") from error
        if done.returncode:
            raise NotReady(f"the queues could not be declared; the log ends:\n{last_lines(log)}")
        report("queues: declared")

    def _waves(self) -> list[list[Program]]:
        """The programs in starting order, those that start together in one list."""
        waves = sorted({one.wave for one in self.programs})
        return [[one for one in self.programs if one.wave == wave] for wave in waves]

    def _start_wave(self, wave: Sequence[Program], report: Report) -> None:
        starting = [one for one in wave if not self.process(one.name).alive()]
        for one in starting:
            self._start(one)
        for one in starting:
            self.process(one.name).wait_ready(self._readiness(one), seconds=one.start_seconds)
            report(f"{one.name}: ready")

    def _start(self, program: Program) -> None:
        if port := self.port_of(program):
            require_free(port, program.name, self.ports.setting(str(program.port)))
        ready = self._ready_file(program)
        ready.parent.mkdir(parents=True, exist_ok=True)
        ready.unlink(missing_ok=True)
        environment = self.environment() | {"WENMING_READY_FILE": str(ready)}
        self.process(program.name).start(self._command(program.command), environment, directory=CHECKOUT)

    def _readiness(self, program: Program) -> Callable[[], bool]:
        """The question whether `program` is ready."""
        port = self.port_of(program)
        if program.ready == "listens" and port is not None:
            return lambda: answers(port)
        return self._ready_file(program).exists

    def _ready_file(self, program: Program) -> Path:
        return self.home / "ready" / program.name

    def _command(self, template: Sequence[str]) -> list[str]:
        ports = {name: str(port) for name, port in msgspec.structs.asdict(self.ports).items()}
        words = {"python": sys.executable, "home": str(self.home)} | ports
        return [part.format_map(words) for part in template]

    # --- stopping -----------------------------------------------------------------------------------------------------

    def _living(self) -> set[str]:
        """The names of all processes of ours that live, also of programs that this version does not have."""
        if not self._memory_file.exists():
            return set()
        known = [self.process(file.stem) for file in (self.home / "processes").glob("*.json")]
        known += [self.broker.process, self.broker.epmd, self.database.process]
        return {process.name for process in known if process.alive()}

    def _stop_all(self, report: Report, *, sparing: Collection[str] = ()) -> None:
        """Stop all processes but those named in `sparing`."""
        ending = self._living() - set(sparing)
        known = {one.name for one in self.programs}
        servers = {"broker", "epmd", "database"}
        strangers = [Program(name=name, command=(), wave=0) for name in ending - known - servers]
        for wave in [*reversed(self._waves()), strangers]:
            self._stop_wave([one for one in wave if one.name in ending], report)
        self._stop_servers(ending, report)

    def _stop_servers(self, ending: Collection[str], report: Report) -> None:
        """Both at once, those of them that are in `ending`."""
        servers = [server for server in (self.broker, self.database) if server.process.name in ending]
        for server in servers:
            server.process.ask_to_end()
        for server in servers:
            _tell(server.process.name, server.stop(), report)
        if "epmd" in ending:  # its broker may have died before
            self.broker.epmd.stop(seconds=5)

    def _stop_wave(self, wave: Sequence[Program], report: Report) -> None:
        ending = [(one, self.process(one.name)) for one in wave]
        for _, process in ending:
            process.ask_to_end()
        for one, process in ending:
            _tell(one.name, process.stop(seconds=one.stop_seconds), report)

    # --- one at a time ------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _alone(self, report: Report) -> Iterator[None]:
        """Hold the instance's lock, waiting for the command that holds it. Raises Trouble when that takes too long."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.home / "lock").open("w") as lock:
            if not _locked(lock.fileno()):
                report("another command works on this instance; waiting for it")
                if not holds_within(LOCK_SECONDS, lambda: _locked(lock.fileno())):
                    raise Trouble(f"another command holds {self.home / 'lock'} for more than {LOCK_SECONDS:.0f} s")
            yield


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _tell(name: str, gentle: bool, report: Report) -> None:
    report(f"{name}: stopped" if gentle else f"{name}: did not end in time and was killed")
