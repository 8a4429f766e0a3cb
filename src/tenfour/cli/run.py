"""`tenfour run [DIR]`: start a centre and keep it running until interrupted."""

import argparse
import sys
import time
from pathlib import Path

from tenfour.adapters.centre_folder import CentreFolder, read_centre_folder
from tenfour.adapters.supervisor import Supervisor, refuse_second_supervisor, run_until_interrupted
from tenfour.demo.make import make_centre

DEMO_FOLDER = Path("var/demo")
"""The centre of a newcomer, made when no folder is named and it is not there."""

DEMO_CACHE = Path("build/demo")
"""Where `make setup` derived the demo's roads and addresses."""


def add_to(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `run` to the command line."""
    command = subcommands.add_parser("run", help="start a centre (the demo centre when none is named)")
    command.add_argument("folder", metavar="DIR", nargs="?", type=Path, help="a centre folder made by `tenfour init`")
    command.add_argument("--port", type=int, default=None, help="HTTP port (8911)")
    command.add_argument("--sip", metavar="HOST:PORT", default=None, help="where SIP listens (127.0.0.1:5060)")
    command.set_defaults(run=lambda chosen: run(chosen.folder, chosen.port, chosen.sip))


def run(folder: Path | None, port: int | None, sip: str | None) -> int:
    """Start the centre in `folder` and keep it; 0 after an orderly stop. Raises `TenfourError` when it cannot."""
    began = time.monotonic()
    if folder is None:
        folder = DEMO_FOLDER
        if not (folder / "centre.toml").exists():
            _say(f"Making the demo centre in {folder} ...")
            make_centre(folder, DEMO_CACHE)
    centre = read_centre_folder(folder)
    lock = refuse_second_supervisor(folder)
    http = f"{centre.centre.http.host}:{port or centre.centre.http.port}"
    supervisor = Supervisor(folder, http=http, sip=sip or centre.centre.sip.bind, say=_say)
    run_until_interrupted(supervisor, lambda: _greet(supervisor, centre, time.monotonic() - began))
    lock.close()
    _say("Stopped.")
    return 0


def _greet(supervisor: Supervisor, centre: CentreFolder, took_s: float) -> None:
    address = f"http://{supervisor.http}"
    sys.stdout.write(
        f"""{centre.centre.name} ({centre.centre.mode}) is up after {took_s:.1f} s.
  desk          {address}/
  unit's page   {address}/field
  SIP           {supervisor.sip} (UDP and TCP); a test call: sip:911@{supervisor.sip}
  API           {address}/openapi.json
  folder        {supervisor.folder}
Play a call onto this desk from a second terminal:
  {_command()} story play hug --center {address}
Ctrl-C stops it.
"""
    )
    sys.stdout.flush()


def _command() -> str:
    """How the person called us, so that the hint can be copied."""
    return sys.argv[0] if sys.argv[0].endswith("tenfour") else "tenfour"


def _say(words: str) -> None:
    sys.stderr.write(f"tenfour: {words}\n")
    sys.stderr.flush()
