"""The outside world: providers behind the ports of the domain, each with a twin that needs nothing."""
