-- Dead letters are counted and listed without those that wait. Source: projections/webhooks.py.

CREATE INDEX IF NOT EXISTS webhook_message_dead
    ON es.webhook_message (webhook, position) WHERE dead;
