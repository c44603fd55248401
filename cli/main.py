"""The command `wenming`: one module per noun in this package.

A module joins by having `COMMANDS`, a tuple of click commands; nothing else needs to be told. What a command needs it
takes with `@click.pass_obj` (a `Town`): the instance that it is about. A module is imported only when one of its
commands, or the list of all, is asked for, so that `wenming up` does not wait for what it does not use.
"""

import importlib
import pkgutil
import sys
import warnings
from collections.abc import Iterator
from functools import cached_property

import click

import cli
from infra.local.instance import Instance
from infra.local.trouble import Trouble
from infra.problem import Problem


class Town:
    """What every command is given: the instance that it is about."""

    def __init__(self, name: str) -> None:
        self.name = name

    @cached_property
    def instance(self) -> Instance:
        """The instance, described by the environment and by what it remembers."""
        return Instance(self.name)


class Modules(click.Group):
    """A group whose commands are the COMMANDS of the modules of this package."""

    def list_commands(self, context: click.Context) -> list[str]:
        """The names of all commands, for the list of help."""
        return sorted(str(command.name) for command in _commands(first=()))

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command `name`, sought first in the module of that name."""
        return next((command for command in _commands(first=(name, "machine")) if command.name == name), None)


def _commands(first: tuple[str, ...]) -> Iterator[click.Command]:
    """The commands of all modules, those of the modules `first` before the others; imports as it goes."""
    names = [module.name for module in pkgutil.iter_modules(cli.__path__) if module.name != "main"]
    for name in sorted(names, key=lambda name: first.index(name) if name in first else len(first)):
        yield from getattr(importlib.import_module(f"cli.{name}"), "COMMANDS", ())


@click.group(cls=Modules, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--instance", default="local", envvar="WENMING_INSTANCE", show_default=True, help="Which instance of this machine."
)
@click.pass_context
def wenming(context: click.Context, instance: str) -> None:
    """文明城市协同平台: start it, stop it, look into it."""
    context.obj = Town(instance)


def main() -> None:
    """Entry point: a refusal becomes one line and exit code 1, never a traceback."""
    warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")  # nameko needs it; nothing for users to do
    try:
        wenming()
    except Trouble as trouble:
        sys.exit(f"wenming: {trouble}")
    except Problem as problem:
        sys.exit(f"wenming: {problem.detail_zh}\n         {problem}")


if __name__ == "__main__":
    main()
