"""How clients may be reached."""
