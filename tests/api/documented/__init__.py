"""The service against its own OpenAPI document."""
