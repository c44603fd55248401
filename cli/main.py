"""The command `wenming`: one module per noun in this package.

A module joins by having `COMMANDS`, a tuple of click commands. Nothing else needs to be told. What a command needs, it
takes with `@click.pass_obj` (a `Town`): the instance it is about.
"""

import importlib
import pkgutil
import sys
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


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--instance", default="local", envvar="WENMING_INSTANCE", show_default=True, help="Which instance of this machine."
)
@click.pass_context
def wenming(context: click.Context, instance: str) -> None:
    """文明城市协同平台: start it, stop it, look into it."""
    context.obj = Town(instance)


def add_commands(group: click.Group) -> None:
    """Add to `group` the COMMANDS of every module of this package."""
    for module in pkgutil.iter_modules(cli.__path__):
        for command in getattr(importlib.import_module(f"cli.{module.name}"), "COMMANDS", ()):
            group.add_command(command)


def main() -> None:
    """Entry point: a refusal becomes one line and exit code 1, never a traceback."""
    add_commands(wenming)
    try:
        wenming()
    except Trouble as trouble:
        sys.exit(f"wenming: {trouble}")
    except Problem as problem:
        sys.exit(f"wenming: {problem.detail_zh}\n         {problem}")


if __name__ == "__main__":
    main()
