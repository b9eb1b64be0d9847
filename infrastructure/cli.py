"""The command `gongduan`. Heavy parts are imported by the command that needs them, so that help comes at once."""

from __future__ import annotations

import json
import os
import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infrastructure.simulating.command import simulate_app

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from infrastructure.bootstrap import Container
    from infrastructure.settings import Settings

EXIT_FAILED, EXIT_USAGE, EXIT_NO = 1, 2, 3

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Gongduan 公断 settles disputes between buyers and sellers on marketplaces, and can prove how it did.\n\n"
    "Begin with: gongduan demo",
    epilog="Exit codes: 0 done, 1 failed, 2 usage, 3 ran and the answer is no, 130 interrupted.",
)
playbook_app = typer.Typer(no_args_is_help=True, help="Check, publish and list playbooks (rules as data).")
app.add_typer(playbook_app, name="playbook")
app.add_typer(simulate_app, name="simulate")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Lang = Annotated[str, typer.Option("--lang", help="zh or en; by default what LANG says.")]


def main() -> None:
    """Run a command; what goes wrong is one sentence and an exit code, never a trace."""
    try:
        code = app(standalone_mode=False)
    except KeyboardInterrupt:
        sys.exit(130)
    except typer._click.exceptions.ClickException as error:  # noqa: SLF001 - where the library keeps it
        error.show()
        sys.exit(EXIT_USAGE)
    except Exception as error:
        if os.environ.get("GONGDUAN_DEBUG"):
            raise
        sys.stderr.write(f"gongduan: {_sentence(error)}\n")
        sys.exit(EXIT_FAILED)
    sys.exit(code if isinstance(code, int) else 0)


def _sentence(error: Exception) -> str:
    """What went wrong in one sentence, with the remedy where it is known."""
    from pydantic import ValidationError  # noqa: PLC0415 - only when something is wrong

    from domain.kernel import DomainError  # noqa: PLC0415 - the same
    from infrastructure.web.sentences import say  # noqa: PLC0415 - the same

    if isinstance(error, DomainError):
        return say(_language(""), f"problem.{error.CODE}.detail", **error.details)
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'settings'}: {one['msg']}" for one in error.errors())
    if isinstance(error, BaseExceptionGroup):
        return _sentence(_first(error))
    if isinstance(error, OSError) and error.strerror:
        where = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror}{where}: free space or give another folder with GONGDUAN_DATA"
    text = " ".join(str(error).split())
    return text or f"{type(error).__name__}; set GONGDUAN_DEBUG=1 to see where"


def _first(group: BaseExceptionGroup[Any]) -> Exception:
    first = group.exceptions[0]
    if isinstance(first, BaseExceptionGroup):
        return _first(first)
    return first if isinstance(first, Exception) else Exception(type(first).__name__)


def _language(asked: str) -> Any:  # noqa: ANN401 - one of the two literals
    if asked not in ("", "zh", "en"):
        msg = f"{asked} is not spoken here; there are zh and en"
        raise typer.BadParameter(msg)
    told = asked or os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if told.lower().startswith("zh") else "en"


def _settings(**given: Any) -> Settings:  # noqa: ANN401 - the settings' own fields
    from infrastructure.settings import Settings  # noqa: PLC0415 - heavy

    return Settings(**{name: value for name, value in given.items() if value is not None})


def _with_container(settings: Settings, job: Callable[[Container], Coroutine[Any, Any, Any]]) -> Any:  # noqa: ANN401 - what the job answers
    from infrastructure.bootstrap import open_container  # noqa: PLC0415 - heavy
    from infrastructure.running import database, run  # noqa: PLC0415 - heavy

    async def do(ready: Settings) -> Any:  # noqa: ANN401 - the job's own
        async with open_container(ready) as container:
            return await job(container)

    with database(settings) as ready:
        return run(do(ready))


@app.command(epilog="Example: gongduan demo --lang zh --exit")
def demo(
    *,
    leave: Annotated[
        bool, typer.Option("--exit", help="End after the stories; exit code 0 only if all ended as told.")
    ] = False,
    lang: Lang = "",
    port: Annotated[int | None, typer.Option(help="Port of the service (8400).")] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder for the database and files (GONGDUAN_DATA, else /var/lib or ~/.local/share)."),
    ] = None,
    playbook: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Play under this file instead of the common one.")
    ] = None,
    payment_answers: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help='Answers of the payment server before it pays truthfully: [{"answer": "500"}, …].',
        ),
    ] = None,
    story: Annotated[list[str] | None, typer.Option(help="Only the story of this name; may be given again.")] = None,
) -> int:
    """Play whole cases through the HTTP API.

    Starts an embedded database, a payment server and the service on loopback, and tells what happened.
    """
    from infrastructure.demo.run import Demo, Wishes  # noqa: PLC0415 - heavy
    from infrastructure.demo.stories import STORIES  # noqa: PLC0415 - heavy

    names = [one.name for one in STORIES]
    if unknown := [one for one in story or () if one not in names]:
        raise typer.BadParameter(f"there is no story {', '.join(unknown)}; there are: {', '.join(names)}")
    wishes = Wishes(
        leave=leave,
        language=_language(lang),
        playbook=playbook,
        payment_answers=payment_answers,
        stories=tuple(one for one in STORIES if not story or one.name in story),
    )
    return Demo(_settings(port=port, data=data), wishes).run()


@app.command(epilog="Example: gongduan serve --all --port 8400")
def serve(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Run the worker in the same process.")] = False,
    host: Annotated[str | None, typer.Option(help="Address to listen on (127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (8400).")] = None,
) -> None:
    """Serve the HTTP API. Without GONGDUAN_DATABASE_URL on an embedded database."""
    from infrastructure import observability  # noqa: PLC0415 - heavy
    from infrastructure.running import check_port, database, run  # noqa: PLC0415 - heavy
    from infrastructure.serving import serve as serve_http  # noqa: PLC0415 - heavy

    settings = _settings(host=host, port=port)
    observability.configure(settings.log_level)
    check_port(settings.host, settings.port)
    with database(settings) as ready:
        run(serve_http(ready, with_worker=everything))


@app.command(epilog="Example: GONGDUAN_DATABASE_URL=postgresql://… gongduan worker")
def worker() -> None:
    """Keep the views, expire clocks, carry out payments."""
    from infrastructure import observability  # noqa: PLC0415 - heavy
    from infrastructure.running import run  # noqa: PLC0415 - heavy
    from infrastructure.serving import work  # noqa: PLC0415 - heavy

    settings = _settings()
    observability.configure(settings.log_level)
    run(work(settings))


@app.command(epilog="Example: GONGDUAN_OWNER_URL=postgresql://… gongduan migrate")
def migrate(
    *,
    status: Annotated[bool, typer.Option("--status", help="Only tell what stands with each step.")] = False,
    only_pre: Annotated[
        bool, typer.Option("--only-pre", help="Leave out what waits until the old release is gone.")
    ] = False,
) -> None:
    """Bring the database to the shape this release needs."""
    from infrastructure.bootstrap import SettingMissing  # noqa: PLC0415 - heavy
    from infrastructure.postgres import migrate as migrations  # noqa: PLC0415 - heavy

    settings = _settings()
    if settings.owner_url is None:
        raise SettingMissing("GONGDUAN_OWNER_URL is not set: give the URL of the database as its owner")
    url = settings.owner_url.get_secret_value()
    if status:
        for name, state in migrations.status(url):
            typer.echo(f"{state:8} {name}")
        return
    applied = migrations.migrate(url, settings.environment, only_pre=only_pre)
    typer.echo("\n".join(f"applied {name}" for name in applied) or "nothing to do")


@app.command(epilog="Example: gongduan replay D-7KQ4M-2XDAB --as-of 7 --lang zh")
def replay(
    case: Annotated[str, typer.Argument(help="The case's number or id.")],
    as_of: Annotated[
        str, typer.Option("--as-of", help="An event's number in the case, or a moment such as 2026-11-23T14:05+08:00.")
    ] = "",
    *,
    as_json: AsJson = False,
    lang: Lang = "",
) -> int:
    """Tell a case, now or as of any moment.

    Looks into GONGDUAN_DATABASE_URL, else the running demo's database, else the embedded one. For operators: it asks
    nobody for a token, over HTTP `?as_of=` does.
    """
    from infrastructure.replay import replay as tell  # noqa: PLC0415 - heavy

    text = _with_container(
        _settings(),
        lambda container: tell(container, case, _moment(as_of), _language(lang), _width(), as_json=as_json),
    )
    if text is None:
        typer.echo(f"gongduan: no case {case} there, or not yet at that moment; `--as-of` may be too early", err=True)
        return EXIT_FAILED
    typer.echo(text)
    return 0


def _width() -> int:
    """The columns that lines may take: those of the terminal, at most as many as a page has."""
    from infrastructure.web.plain_text import COLUMNS  # noqa: PLC0415 - only when something is told

    return min(COLUMNS, shutil.get_terminal_size().columns) if sys.stdout.isatty() else COLUMNS


def _moment(text: str) -> int | datetime | None:
    if not text:
        return None
    if text.isdigit():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text} is neither a number nor a moment such as 2026-11-23T14:05+08:00") from None
    return moment if moment.tzinfo else moment.astimezone()


@app.command("explain-default", epilog="Example: gongduan explain-default D-7KQ4M-2XDAB --lang zh")
def explain_default(
    case: Annotated[str, typer.Argument(help="The case's number or id.")], *, as_json: AsJson = False, lang: Lang = ""
) -> int:
    """Why silence decided a case.

    Tells the rule, how it is known that the merchant was told, and the clock piece by piece; a second program that
    shares no code with the first computes it all again. Exit code 3 where it does not hold, or silence decided nothing.
    """
    from infrastructure.explain import explain_default as explain  # noqa: PLC0415 - heavy

    said = _with_container(_settings(), lambda container: explain(container, case, _language(lang), as_json=as_json))
    if not said.text:
        typer.echo(f"gongduan: no case {case} there", err=True)
        return EXIT_FAILED
    typer.echo(said.text)
    return 0 if said.holds else EXIT_NO


@app.command(epilog="Example: gongduan redraw draw.json --root 5f0c…")
def redraw(
    record: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The draw's record, as published.")],
    root: Annotated[str, typer.Option(help="The pool's root, as published before the draw.")] = "",
    commitment: Annotated[str, typer.Option(help="The commitment, as published before the draw.")] = "",
    *,
    as_json: AsJson = False,
    lang: Lang = "",
) -> int:
    """Compute a jury's draw again.

    Needs nothing but the record; give the root and the commitment that you saw before the draw, and a pool that was
    edited later is found, too. Exit code 3 where the draw is not the one that the record says.
    """
    from infrastructure.recomputing import redraw as compute  # noqa: PLC0415 - heavy

    checked = compute(record, _language(lang), root=root, commitment=commitment, as_json=as_json)
    typer.echo(checked.text)
    return 0 if checked.holds else EXIT_NO


@app.command(epilog="Example: gongduan recount count.json")
def recount(
    record: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The count's record, as published.")],
    *,
    as_json: AsJson = False,
    lang: Lang = "",
) -> int:
    """Count a jury's opened ballots again.

    Needs nothing but the record. Exit code 3 where a ballot is not one of those that stood when the panel closed, or
    the verdict is not what they come to.
    """
    from infrastructure.recomputing import recount as compute  # noqa: PLC0415 - heavy

    checked = compute(record, _language(lang), as_json=as_json)
    typer.echo(checked.text)
    return 0 if checked.holds else EXIT_NO


@app.command(epilog="Example: gongduan rebuild case_file")
def rebuild(
    view: Annotated[
        str, typer.Argument(help="A view; without one, tells where each stands and what it set aside.")
    ] = "",
) -> int:
    """Build a view again from the log.

    Empties it first; can be stopped and started again. What the view had set aside because it could not be read is
    tried again: after a release that can read it this is the way back.
    """
    from infrastructure.rebuild import rebuild as build  # noqa: PLC0415 - heavy
    from infrastructure.rebuild import standing  # noqa: PLC0415 - heavy
    from infrastructure.running import database  # noqa: PLC0415 - heavy

    with database(_settings()) as ready:
        if view:
            typer.echo(f"{view}: built again from {build(ready, view)} events")
            return 0
        found = standing(ready)
    for one in found:
        aside = f", {one.parked} streams set aside since event {one.since}" if one.parked else ""
        typer.echo(f"{one.follower}: at event {one.position}{aside}")
    return EXIT_NO if any(one.parked for one in found) else 0


@app.command(epilog="Example: GONGDUAN_PAYMENTS_URL=https://… gongduan reconcile")
def reconcile(*, as_json: AsJson = False, lang: Lang = "") -> int:
    """Compare our payouts with the payment service's statement.

    What it paid and was never heard of is confirmed; what does not agree is listed, exit code 3. Repeating it is safe.
    """
    from infrastructure.reconciling import reconcile as compare  # noqa: PLC0415 - heavy

    language = _language(lang)
    text, agrees = _with_container(_settings(), lambda container: compare(container, language, as_json=as_json))
    typer.echo(text)
    return 0 if agrees else EXIT_NO


@app.command(epilog="Example: gongduan token auditor auditor-sun --platform common")
def token(
    role: Annotated[str, typer.Argument(help="buyer, merchant, arbitrator, auditor, platform, admin, …")],
    subject: Annotated[str, typer.Argument(metavar="ID", help="The person's or machine's id.")],
    platform: Annotated[str, typer.Option(help="The platform for which it acts.")] = "common",
    hours: Annotated[float, typer.Option(min=0.01, max=24 * 30, help="How long it holds.")] = 12.0,
    *,
    tool: Annotated[bool, typer.Option("--tool", help="The holder is a machine.")] = False,
) -> None:
    """Sign a token with this installation's key.

    Tokens are never given out over HTTP.
    """
    from domain.kernel import Role  # noqa: PLC0415 - heavy
    from infrastructure.http.auth import mint  # noqa: PLC0415 - heavy
    from infrastructure.privacy.keys import signing_key  # noqa: PLC0415 - heavy

    known = [one.value for one in Role if one is not Role.SERVICE]
    if role not in known:
        raise typer.BadParameter(f"{role} is not a role; there are {', '.join(known)}")
    typer.echo(mint(signing_key(_settings().data / "keys"), Role(role), subject, platform, hours, tool=tool))


@app.command(epilog="Example: gongduan bench append.many load.warm --rounds 3")
def bench(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[ROW]…", help="Only these rows; by default all.")
    ] = None,
    *,
    rounds: Annotated[int, typer.Option(min=1, help="How often subject and yardstick take turns.")] = 5,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long a turn takes; pgbench needs one at least.")] = 3.0,
    as_json: AsJson = False,
) -> int:
    """Measure this installation's speed against yardsticks on the same machine.

    Always on the embedded PostgreSQL, in databases of its own that are dropped again. Prints the median of the rounds
    and their range; exit code 3 when a gate is not met.
    """
    from infrastructure.bench.rows import ROWS  # noqa: PLC0415 - heavy
    from infrastructure.bench.run import Length  # noqa: PLC0415 - heavy
    from infrastructure.bench.run import bench as measure  # noqa: PLC0415 - heavy

    known = [row.name for row in ROWS]
    if unknown := set(names or ()) - set(known):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: no such row; there are {', '.join(known)}")
    rows = [row for row in ROWS if not names or row.name in names]
    met = measure(_settings(), rows, Length(rounds, seconds), as_json=as_json)
    return 0 if met else EXIT_NO


@playbook_app.command("check", epilog="Example: gongduan playbook check common.yaml")
def playbook_check(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> int:
    """Read a file as the service would, and say what is wrong with it."""
    from infrastructure.playbooks.reader import UnreadablePlaybook, read_playbook  # noqa: PLC0415 - heavy

    try:
        playbook = read_playbook(file.read_text(encoding="utf-8"))
    except UnreadablePlaybook as wrong:
        typer.echo(_sentence(wrong), err=True)
        return EXIT_NO
    typer.echo(
        f"{playbook.platform} {playbook.version}: {len(playbook.reasons)} reasons, {len(playbook.rules)} rules, "
        f"{len(playbook.remedies)} remedies; nothing wrong"
    )
    return 0


@playbook_app.command("publish", epilog="Example: gongduan playbook publish common.yaml --by writer-zhao")
def playbook_publish(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    by: Annotated[str, typer.Option(help="The rule-writer's id.")],
) -> None:
    """Put a version in force for cases filed from now on."""
    from infrastructure.playbooks.publishing import publish  # noqa: PLC0415 - heavy

    source = file.read_text(encoding="utf-8")
    typer.echo(_with_container(_settings(), lambda container: publish(container, source, by)))


@playbook_app.command("list", epilog="Example: gongduan playbook list --platform common")
def playbook_list(
    platform: Annotated[str, typer.Option(help="Whose playbooks.")] = "common", *, as_json: AsJson = False
) -> None:
    """The published versions of a platform."""
    from infrastructure.playbooks.publishing import versions  # noqa: PLC0415 - heavy

    found = _with_container(_settings(), lambda container: versions(container, platform))
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found:
        typer.echo(f"{one['version']:12} {one['published_at']} {one['digest']}")


if __name__ == "__main__":
    main()
