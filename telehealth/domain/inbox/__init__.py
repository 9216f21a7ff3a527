"""What people text us, and what we answer by ourselves."""
