"""Orders and events come in and are written, only what changed."""
