"""Webhooks: events that are told to programs elsewhere, signed, until they have heard them."""
