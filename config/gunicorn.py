"""How gunicorn runs the service. Numbers come from the settings, like everything else."""

import gc
import sys
from typing import Any

from flask import Flask

from config import load

STOPS_THE_SERVER = 3
"""gunicorn gives up instead of starting another worker when one ends in this way before it served (its arbiter's
WORKER_BOOT_ERROR)."""

_settings = load()

workers = _settings["WEB_CONCURRENCY"]
# Several workers share what was loaded before they began: another one takes half the memory, and starts at once. A
# worker that is alone loads it itself, or the process above it would hold it for nothing.
preload_app = workers > 1
worker_class = "webserver.worker.Worker"
threads = 8
sendfile = False  # The worker sends for the threads, and takes files as it takes pages.
timeout = 60
graceful_timeout = 20
keepalive = 5
limit_request_line = 0  # The service refuses long addresses in words of its own, and the worker long heads.
control_socket_disable = True  # It has one address for all that a user runs, and a second service would miss it.
# No access log: addresses of clients' links hold their secrets. The service logs what matters itself.
accesslog = None
errorlog = "-"
loglevel = "warning"
# What gunicorn says itself stands in the same lines as what the service logs.
logconfig_dict = {
    "formatters": {"generic": {"()": "telehealth.observability.JsonLines"}},
    "loggers": {"gunicorn.error": {"level": "WARNING", "handlers": ["error_console"], "propagate": False}},
    "root": {"level": "WARNING", "handlers": ["error_console"]},
}


def post_worker_init(worker: Any) -> None:  # gunicorn has no types.
    """Refuse to serve what cannot work. What was loaded at the start stays to the end, so the garbage collector need
    not look at it again and again.
    """
    if isinstance(worker.wsgi, Flask):
        with worker.wsgi.app_context():
            why_not = worker.wsgi.extensions["why_not_ready"]()
        if why_not:
            worker.log.error(why_not)
            sys.exit(STOPS_THE_SERVER)
    gc.collect()
    gc.freeze()
