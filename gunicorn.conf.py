"""How gunicorn serves the web part: read by `gunicorn app:app` in this folder, overridden by its options."""

from gunicorn.workers.base import Worker

from dunning.jobs.bell import install_bell
from dunning.sandbox.courier import start_courier

workers = 2
threads = 4
graceful_timeout = 3
preload_app = True  # loaded once, shared by the workers
control_socket_disable = True

# its lines go through our handler, which writes JSON; requests are logged by the app
logconfig_dict = {
    "root": {"level": "WARNING", "handlers": []},
    "loggers": {"gunicorn.error": {"level": "WARNING", "handlers": [], "propagate": True}},
}


def post_worker_init(worker: Worker) -> None:
    """A click rings for what it has put, in the web part; the sandbox partner brings its news to webhooks."""
    app = worker.app.wsgi()
    if "SETTINGS" in app.config:
        install_bell(app.config["SETTINGS"])
    if "SANDBOX_OWN_WEBHOOK" in app.config:
        start_courier(app)
