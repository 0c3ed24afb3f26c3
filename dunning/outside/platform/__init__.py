"""What the shop platform sends: orders CSV, payments CSV, signed events."""
