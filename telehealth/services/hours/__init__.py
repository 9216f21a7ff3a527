"""When therapists work, are away, and what that frees."""
