"""When a therapist is open."""
