"""materials: files and photos of tasks: list, put, get."""

import uuid
from pathlib import Path
from typing import Any

import click
import httpx

from cli.city_time import city_time
from cli.main import Town
from cli.rpc import call, office
from infra.problem import Problem, Unavailable

PIECE = 256 * 1024  # bytes
PATIENCE = 180.0  # seconds


@click.group()
def materials() -> None:
    """Files and photos as evidence of work (任务材料)."""


@materials.command("list")
@click.argument("task")
@click.pass_obj
def list_(town: Town, task: str) -> None:
    """The materials of TASK, the oldest first."""
    found = call(town, "tasks", "materials_of_task", task, office())
    for one in found:
        _show(one)
    if not found:
        click.echo("no materials")


@materials.command()
@click.argument("task")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--later", is_flag=True, help="Do not attach it: a report or submission names it within a day.")
@click.pass_obj
def put(town: Town, task: str, file: Path, later: bool) -> None:
    """Upload FILE to TASK."""
    cause = f"cli/{uuid.uuid4().hex}"
    size = file.stat().st_size
    ticket = call(town, "tasks", "upload_ticket", task, file.name, size, office(), cause, not later)
    with file.open("rb") as content, _client() as client:
        answer = _answered(client.put(ticket["url"], content=content, headers={"Content-Length": str(size)}))
    _show(answer.json())


@materials.command()
@click.argument("id")
@click.option("--to", type=click.Path(path_type=Path), help="Where to write it; by default under its name, here.")
@click.option("--thumbnail", is_flag=True, help="The thumbnail instead.")
@click.pass_obj
def get(town: Town, id: str, to: Path | None, thumbnail: bool) -> None:
    """Fetch the material ID. Nothing that exists is overwritten."""
    ticket = call(town, "tasks", "download_ticket", id, office())
    url = ticket["thumbnail_url"] if thumbnail else ticket["url"]
    if url is None:
        raise click.ClickException("it has no thumbnail")
    name = ticket["material"]["name"]
    target = to or Path(f"{Path(name).stem}-thumbnail.jpg" if thumbnail else name)
    with _client() as client, client.stream("GET", url) as answer:
        if answer.is_error:
            answer.read()
        _answered(answer)
        with target.open("xb") as file:
            for piece in answer.iter_bytes(PIECE):
                file.write(piece)
    click.echo(str(target))


def _client() -> httpx.Client:
    return httpx.Client(timeout=PATIENCE, trust_env=False)


def _answered(answer: httpx.Response) -> httpx.Response:
    """Raises the Problem that it tells of, Unavailable where it tells of none."""
    if answer.is_success:
        return answer
    problem = Problem.parse(answer.text)
    raise problem or Unavailable(f"the answer was {answer.status_code}", "材料服务应答异常")


def _show(one: dict[str, Any]) -> None:
    state = "" if one["attached"] else f"（未关联，{city_time(one['removed_after'])}后清理）"
    click.echo(f"{one['material_id']}  {one['name']}  {one['size']} 字节{state}")
    click.echo(f"    {city_time(one['uploaded_at'])} {one['by']}（{one['by_unit']}）")


COMMANDS = (materials,)
