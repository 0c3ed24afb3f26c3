"""`python app.py`: one machine in one process tree: prepare, start, watch, end."""
