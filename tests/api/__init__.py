"""HTTP, as clients meet it: a real service, asked with httpx."""
