"""Planning what is said, when, and in which words."""
