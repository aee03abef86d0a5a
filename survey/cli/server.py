"""A web server as a child process, started by its import string and ended with its parent."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from types import TracebackType
from typing import Self

import click

from survey.settings import Settings

APPLICATION = "webforms.wsgi:application"
_PATIENCE_SECONDS = 60


def server_command(
    chosen: Settings, *, host: str, port: int, workers: int, threads: int = 8
) -> tuple[list[str], dict[str, str]]:
    """Return the command line and the environment of the web server.

    The web face is named, never imported: no arrow of the house points upward.
    """
    command = [
        *(sys.executable, "-m", "gunicorn", APPLICATION),
        *("--bind", f"{host}:{port}"),
        *("--worker-class", "gthread", "--workers", str(workers), "--threads", str(threads)),
        *("--log-level", "warning", "--graceful-timeout", "20"),
        *("--logger-class", "webforms.gunicorn_log.QuietLogger"),
        *("--limit-request-line", "2048", "--limit-request-fields", "64"),
    ]
    environment = {
        **os.environ,
        "KHAOSAT_HOME": str(chosen.home),
        "KHAOSAT_DATABASE_URL": chosen.database_url,
        "KHAOSAT_PUBLIC_URL": chosen.public_url,
        "KHAOSAT_INSECURE_LOOPBACK": "1" if chosen.insecure_loopback else "0",
        "KHAOSAT_LOG_LEVEL": chosen.log_level,
    }
    return command, environment


def refuse_taken_port(host: str, port: int) -> None:
    """Say that a port is taken before anything is built that would need it.

    Without this, another installation on the port would answer in place of our own server.

    Raises
    ------
    click.ClickException
        If ``host`` is not an address of this machine or something listens there already.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError as error:
            raise click.ClickException(
                f"cannot listen on {host}:{port} ({error.strerror}); "
                "is another server running there? Try --port"
            ) from error


class RunningServer:
    """A server on the loopback address for the length of a ``with`` block."""

    def __init__(self, chosen: Settings, *, port: int) -> None:
        self._settings = chosen
        self._port = port

    def __enter__(self) -> Self:
        """Start the server and wait until it is ready."""
        refuse_taken_port("127.0.0.1", self._port)
        command, environment = server_command(
            self._settings, host="127.0.0.1", port=self._port, workers=1
        )
        self._process = subprocess.Popen(command, env=environment)  # noqa: S603 - our own server
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._stop()
                raise click.ClickException(f"the server did not start on port {self._port}")
            time.sleep(0.1)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the server."""
        self._stop()

    def wait(self) -> None:
        """Wait until the server ends or Ctrl-C is pressed."""
        try:
            self._process.wait()
        except KeyboardInterrupt:
            click.echo("\nStopped.")

    def _is_ready(self) -> bool:
        url = f"http://127.0.0.1:{self._port}/readyz"
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def _stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(timeout=25)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
