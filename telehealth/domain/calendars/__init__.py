"""Reading what somebody's own calendar says of when they are busy."""
