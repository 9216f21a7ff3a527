"""What would go out in the days to come."""
