"""import: work orders from a table that a hotline hands over as a file.

    wenming import 12345 工单.xlsx                     into the instance of this machine
    wenming import 12319 案卷.csv --report 未收.xlsx    what was refused, as a spreadsheet
    WENMING_CHANNEL_SECRET=… wenming import 12345 FILE --url https://intake.city.example/intake

Columns are found by the names of the channel's own fields. Interrupted (Ctrl-C, a lost connection, the power), the same
command goes on where it was. Exit code 0: every row is taken; 3: the report names rows that are not; 1: it could not be
done; 130: interrupted.
"""

import asyncio
import os
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.hotline import Hotline
from cli.importing.delimited import read_delimited
from cli.importing.delivery import REFUSED, Delivery, count
from cli.importing.form import Form, ask_form
from cli.importing.journal import Journal, JournalFile, sha256_of
from cli.importing.refusals import Refusals
from cli.importing.spreadsheet import read_spreadsheet
from cli.importing.table import Table
from cli.main import Town
from infra.problem import InvalidInput, Unauthenticated

SHORT = {"12345": "hotline_12345", "12319": "hotline_12319"}
WORDS = {"received": "新收", "already_received": "已收过", "revised": "更新", REFUSED: "未收"}
SOME_REFUSED, INTERRUPTED = 3, 130
SECRET = "WENMING_CHANNEL_SECRET"


@click.command("import")
@click.argument("channel")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--sheet", help="Which sheet of a spreadsheet; default: the first visible one with a header.")
@click.option("--report", type=click.Path(path_type=Path), help="Where refused rows go (.csv, .xlsx); default: beside.")
@click.option("--url", help=f"Another intake than this machine's (…/intake); its secret comes from {SECRET}.")
@click.option("--again", is_flag=True, help="From the first row, also where it was done before; nothing is doubled.")
@click.pass_obj
def import_(
    town: Town, channel: str, file: Path, sheet: str | None, report: Path | None, url: str | None, again: bool
) -> None:
    """Import the work orders of the table FILE (.xlsx, .csv) to CHANNEL (12345, 12319, or any channel's name)."""
    name = SHORT.get(channel, channel)
    url, secret = _where(town, name, url)
    form = ask_form(url, name, secret)
    kept = JournalFile.of(town.instance.home / "imports", form.channel, sha256_of(file))
    with kept.alone():
        report = _report(file, report or file.with_name(f"{file.stem}.未收.csv"))
        _import(Hotline(url, {name: secret}), form, file, sheet, kept, _journal(kept, form, file, report, again=again))


def _import(hotline: Hotline, form: Form, file: Path, sheet: str | None, kept: JournalFile, journal: Journal) -> None:
    """What is left of this import. Ends the command with its exit code."""
    if journal.finished:
        click.echo(f"{file.name} 此前已全部导入（--again 可重新导入）：{_summary(journal)}")
        sys.exit(SOME_REFUSED if count(journal, REFUSED) else 0)
    table = read_delimited(file, form) if file.suffix.lower() == ".csv" else read_spreadsheet(file, form, sheet)
    try:
        asyncio.run(_bring(hotline, table, kept, journal))
    except KeyboardInterrupt:
        click.echo(f"已中断，重新执行同一命令将从断点继续：{_summary(journal)}", err=True)
        sys.exit(INTERRUPTED)
    _tell(journal)


def _where(town: Town, channel: str, url: str | None) -> tuple[str, str]:
    """The intake and the channel's secret there. Raises Unauthenticated where none is known."""
    if url is None:
        url = f"http://127.0.0.1:{town.instance.ports.intake}/intake"
        secret = os.environ.get(SECRET) or town.instance.secrets.get(channel)
    else:
        secret = os.environ.get(SECRET)
    if not secret:
        raise Unauthenticated(f"no secret of {channel} is known here ({SECRET})", f"没有渠道{channel}的密钥")
    return url.rstrip("/"), secret


def _report(file: Path, report: Path) -> Path:
    """Where refused rows go. Raises InvalidInput where they cannot go there, or would write over the file itself."""
    if not report.parent.is_dir() or report.suffix not in (".csv", ".xlsx"):
        detail = f"the report {report} is no .csv or .xlsx in a directory that exists"
        raise InvalidInput(detail, "报告须为已有目录中的 .csv 或 .xlsx", field="report")
    if report.exists() and report.samefile(file):
        detail = f"the report {report} is the file that is imported"
        raise InvalidInput(detail, "报告不能与导入的文件是同一个文件", field="report")
    return report


def _journal(kept: JournalFile, form: Form, file: Path, report: Path, *, again: bool) -> Journal:
    """The journal of this import, the old one where there is one."""
    old = None if again else kept.read()
    if old is not None and old.finished:
        return old
    fresh = Journal(file=file.name, channel=form.channel, sha256=sha256_of(file), report=str(report))
    return old if old is not None and old.report == str(report) and report_is_there(old) else fresh


def report_is_there(journal: Journal) -> bool:
    """Whether the lines that the journal counts on are still there: otherwise the import begins anew."""
    path = Path(journal.report)
    lines = path.with_name(path.name + ".part") if path.suffix == ".xlsx" else path
    return lines.exists() and lines.stat().st_size >= journal.report_bytes


async def _bring(hotline: Hotline, table: Table, kept: JournalFile, journal: Journal) -> None:
    """All rows that are not done yet, with a bar where somebody looks."""
    refusals = Refusals(Path(journal.report), list(table.columns.values()), journal.report_bytes)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("导入", total=table.estimate)
        try:
            await Delivery(hotline, journal, kept, refusals).bring(table.rows(), lambda n: progress.advance(bar, n))
        except BaseException:
            refusals.close(complete=False, empty=False)
            raise
        refusals.close(complete=True, empty=not count(journal, REFUSED))
    journal.finished = True
    kept.keep(journal)


def _tell(journal: Journal) -> None:
    click.echo(f"{journal.file} 共 {journal.rows} 行：{_summary(journal)}")
    if count(journal, REFUSED):
        click.echo(f"未收的行及原因：{journal.report}（改正后可再次导入）")
        sys.exit(SOME_REFUSED)


def _summary(journal: Journal) -> str:
    return "、".join(f"{word} {count(journal, outcome)}" for outcome, word in WORDS.items())


COMMANDS = (import_,)
