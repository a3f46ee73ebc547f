"""gunicorn, configured in code: no configuration file, no command line, no environment of its own.

The listening socket is the supervisor's: it outlives a killed master, so clients wait where they
would be refused. At a reload the supervisor starts a second master on it, and tells the first by
SIGUSR2 to end when its open requests have. Source: gunicorn 27, "Settings", "Signal Handling".
"""

from __future__ import annotations

import gc
import os
import signal
import socket
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]
from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from setproctitle import setproctitle
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from domain.storage.process import default_signals, die_with_parent
from scripts import service_logs
from scripts.settings import Settings

RELOAD_SECONDS = 3600.0  # that transfers under way at a reload have to end

_WORKER_CLASSES = {
    "asgi": "asgi",
    "uvicorn": "scripts.web_worker.WebWorker",
}


class Ready:
    """Middleware that says when a worker's application has started."""

    def __init__(self, say: Callable[[], None]) -> None:
        self._say = say

    async def process_startup(self, scope: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Say it; what stands before has opened its connections."""
        self._say()


class QuietLogger(Logger):  # type: ignore[misc]
    """gunicorn's error log as JSON on standard error; requests are logged by the application."""

    def setup(self, cfg: Config) -> None:
        """Set the log up, then put our formatter on it."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(service_logs.formatter())


class _Arbiter(Arbiter):  # type: ignore[misc]
    """The master. A signal that meets a worker at its birth waits until the worker can obey it.

    gunicorn's own loses it there, and then waits the whole graceful time for that worker.
    """

    def spawn_worker(self) -> Any:
        mask = signal.pthread_sigmask(
            signal.SIG_BLOCK, (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
        )
        try:
            return super().spawn_worker()  # in the worker, `post_fork` takes the mask off
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def handle_usr2(self) -> None:
        """End, as at SIGTERM, but let transfers take their time: others answer meanwhile."""
        self.cfg.set("graceful_timeout", int(RELOAD_SECONDS))
        self.handle_term()


class Web(BaseApplication):  # type: ignore[misc]
    """The web server of one service; `ready` is called in each worker that has started."""

    def __init__(
        self, settings: Settings, listener: socket.socket, ready: Callable[[], None]
    ) -> None:
        self.settings = settings
        self.listener = listener
        self.ready = ready
        super().__init__()

    def load_config(self) -> None:
        """Say what gunicorn needs to know; everything else is its default."""
        for name, value in _configuration(self.settings, self.listener).items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application of one worker: made after the fork, so connections are its own."""
        from scripts.application import application

        app: Any = application(self.settings)
        app.add_middleware([Ready(self.ready)])
        if self.settings.worker_class == "asgi":  # uvicorn's has it from itself
            return ProxyHeadersMiddleware(app, self.settings.forwarded_allow_ips)
        return app

    def run(self) -> None:
        """Serve until told to end; ends by SystemExit."""
        _Arbiter(self).run()


def run(settings: Settings, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Serve with gunicorn in this process until SIGTERM or SIGUSR2."""
    import_module("scripts.application")  # workers share what is imported before the fork
    Web(settings, listener, ready).run()


def _configuration(settings: Settings, listener: socket.socket) -> dict[str, Any]:
    master = os.getpid()

    def pre_fork(arbiter: object, worker: object) -> None:
        setproctitle("muniment: master")
        gc.collect()
        gc.freeze()  # the collector writes to what it visits: shared pages would be copied

    def post_fork(arbiter: object, worker: Any) -> None:
        worker.cfg.set("graceful_timeout", int(RELOAD_SECONDS))  # the master says when it is over
        default_signals()  # the master's handlers would swallow a signal while we start
        setproctitle("muniment: worker")
        die_with_parent(master, by=signal.SIGKILL)

    return {
        "bind": [f"fd://{listener.fileno()}"],
        "workers": settings.workers,
        "worker_class": _WORKER_CLASSES[settings.worker_class],
        "asgi_loop": "uvloop",
        "http_parser": "python",
        "keepalive": 65,  # above the minute that proxies usually keep a connection
        "graceful_timeout": settings.graceful_timeout,
        "timeout": 60,
        "certfile": settings.certfile or None,
        "keyfile": settings.keyfile or None,
        "forwarded_allow_ips": settings.forwarded_allow_ips,
        "control_socket_disable": True,
        "accesslog": None,
        "errorlog": "-",
        "loglevel": "warning",
        "logger_class": QuietLogger,
        "proc_name": "muniment",
        "pre_fork": pre_fork,
        "post_fork": post_fork,
    }
