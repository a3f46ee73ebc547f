"""The OpenAPI document: made from the routes, with what stands beside each."""
