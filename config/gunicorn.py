"""How gunicorn runs the service. Numbers come from the settings, like everything else."""

import gc

from config import load

_settings = load()

workers = _settings["WEB_CONCURRENCY"]
worker_class = "webserver.worker.Worker"
threads = 8
sendfile = False  # The worker sends for the threads, and takes files as it takes pages.
timeout = 60
graceful_timeout = 20
keepalive = 5
limit_request_line = 4094
# No access log: addresses of clients' links hold their secrets. The service logs what matters itself.
accesslog = None
errorlog = "-"
loglevel = "warning"


def post_worker_init(_worker: object) -> None:
    """What was loaded at the start stays to the end, so the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
