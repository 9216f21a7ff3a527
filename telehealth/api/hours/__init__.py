"""When therapists work and are busy."""
