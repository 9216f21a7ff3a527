"""Whether a message may go out now, and what follows when it did not get through."""
