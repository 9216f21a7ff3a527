"""What may be booked, moved and cancelled, and why not."""
