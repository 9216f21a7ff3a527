"""Who is in a call, and what waits for them."""
