"""The page of one case and every form on it, for vendor and staff."""
