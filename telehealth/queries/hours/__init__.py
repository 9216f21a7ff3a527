"""When therapists work, and when they are busy."""
