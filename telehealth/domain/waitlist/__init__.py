"""Who among those who wait would like a time, and who is asked first."""
