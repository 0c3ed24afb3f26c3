"""One request: who, when, which language, what no honest browser sends, how answers are shaped."""
