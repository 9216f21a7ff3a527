"""What people text us, what we answer, and what waits for somebody."""
