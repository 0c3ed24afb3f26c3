"""`python app.py` runs everything on this machine; `gunicorn app:app` serves the web part alone."""

import sys

from dunning import create_app

if __name__ == "__main__":
    from dunning.machine.launch import launch

    sys.exit(launch())

app = create_app()
