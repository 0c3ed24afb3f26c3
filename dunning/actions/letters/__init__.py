"""A step prepared, a letter written, posted, renewed; mail in doubt or bounced."""
