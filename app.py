"""`gunicorn app:app` serves the web part."""

from dunning import create_app

app = create_app()
