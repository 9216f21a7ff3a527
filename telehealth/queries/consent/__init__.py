"""What people agreed to, and what is left alone."""
