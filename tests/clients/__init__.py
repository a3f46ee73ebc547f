"""Published clients of the services whose APIs are spoken here, unmodified."""
