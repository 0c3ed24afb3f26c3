"""What people and machines see over HTTP. A view: access, parse, one verb or one query, answer."""
