"""What pages, commands and jobs read: plain selects into small dataclasses."""
