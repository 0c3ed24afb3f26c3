"""Terms, amounts, days, reasons and errors in the reader’s language; no page."""
