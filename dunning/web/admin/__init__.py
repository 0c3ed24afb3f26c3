"""What support and admins see: all vendors' cases. Vendors get a 404 for everything here."""
