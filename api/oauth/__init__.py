"""The issuer: OAuth 2.0 for programs, by device codes. Source: the IceProd specification."""
