"""Pages of records for people: HTML without scripts. Source: InvenioRDM, `self_html`."""
