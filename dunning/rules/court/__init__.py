"""The application for a Mahnbescheid and what keeps it from being filed."""
