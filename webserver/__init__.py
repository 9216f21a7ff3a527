"""How the web server waits: what gunicorn runs the service with."""
