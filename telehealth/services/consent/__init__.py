"""What people agree to, and where they may be reached."""
