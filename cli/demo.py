"""demo: the whole loop on one screen, from a hotline's push to a numbered bulletin."""

import signal
import threading
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from cli.demonstration import picture
from cli.demonstration.portal import Portal
from cli.demonstration.story import Story, Tick
from cli.main import Town
from infra.local.instance import Instance
from infra.local.trouble import NotUp
from infra.organisation.officer import Officer, Role
from infra.organisation.registry import Registry

CLOCK = "simulated:2026-03-02T08:30:00+08:00,3600"  # a Monday morning; one second of ours is one hour of theirs
DISTRICT, STREET = "5301/530102", "5301/530102/530102001"
TOWN = "demo"


@click.command()
@click.option(
    "--feed",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A table of messages or a file in the hotlines' formats; default: the small one of the project.",
)
@click.option("--once", is_flag=True, help="Stop everything and end after printing.")
def demo(path: Path | None, once: bool) -> None:
    """Play the whole loop under a simulated clock, print the pictures, and stay up until Ctrl-C."""
    console = Console()
    town = Town(TOWN)
    instance = town.instance = Instance(TOWN, clock=_clock())
    _interrupt_on_sigterm()
    try:
        console.print(f"启动 {instance.home.name}：消息队列、数据库、四个服务、网关……")
        instance.up(report=lambda line: console.print(f"  {line}"))
        story = Story(town, Registry.load("5301"))
        _tell(console, story, path)
        _show(console, story)
        if not once:
            console.print("\n系统继续运行，按 Ctrl-C 停止。")
            threading.Event().wait()
    except KeyboardInterrupt:
        console.print("\n收到停止的要求。")
    finally:
        _ignore_signals()
        console.print("正在停止……")
        instance.down()
        console.print("已停止，没有留下进程；再次运行将从这里继续。")


def _clock() -> str | None:
    """The demonstration's clock at its first start; afterwards time goes on where it stood."""
    try:
        remembered = Instance(TOWN).memory
    except NotUp:
        remembered = None
    return None if remembered else CLOCK


def _interrupt_on_sigterm() -> None:
    """SIGTERM stops as Ctrl-C does."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


def _ignore_signals() -> None:
    """From here on everything is stopped in order, however often somebody asks for it."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)


def _tell(console: Console, story: Story, path: Path | None) -> None:
    """Tell every chapter with a line of progress."""
    chapters: tuple[tuple[str, Callable[[Tick], str]], ...] = (
        ("导入通讯录", story.contacts),
        ("下达目标任务", story.plan),
        ("热线推送来件", lambda tick: story.feed(tick, path)),
        ("各单位办理、受理席核查", story.work),
        ("测评与排名", story.round),
        ("印发通报与交办单", story.post),
    )
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    for title, chapter in chapters:
        with Progress(*columns, console=console, transient=True) as progress:
            row = progress.add_task(title, total=None)
            line = chapter(lambda done, row=row, progress=progress: progress.advance(row, done))  # type: ignore[misc]
        console.print(f"[green]✓[/green] {title}：{line}（城市时间 {story.now()}）")


def _show(console: Console, story: Story) -> None:
    """The three pictures, where the bulletin's mail is, and what can be opened."""
    instance = story.town.instance
    for role, unit in ((Role.CITY_OFFICE, "5301"), (Role.DISTRICT, DISTRICT), (Role.STREET, STREET)):
        officer = Officer(role, unit, f"{story.registry.name(unit)}值班员")
        picture.show(console, Portal(instance, officer), unit)
    console.rule("可以打开")
    console.print(f"通报 {story.bulletin_number()} 的邮件：{story.bulletin_mail()}", soft_wrap=True)
    for purpose, address in instance.addresses().items():
        console.print(f"{purpose}：{address}", soft_wrap=True)
    token = Portal(instance, Officer(Role.CITY_OFFICE, "5301", "总指挥部办公室")).token
    console.print(f"门户（市级）：http://127.0.0.1:{instance.ports.gateway}/#token={token}", soft_wrap=True)


COMMANDS = (demo,)
