"""What a calendar feed contains."""
