"""What a browser lets the scripts of any web page send and read. Source: the Fetch standard, CORS.

Nothing here is answered by what a browser adds of itself, such as a cookie: a script shows a
credential that it was given, or sees what nobody has to sign in for.
"""

from __future__ import annotations

from falcon.asgi import Request, Response

HEADERS = (
    "Accept-Datetime, Authorization, Content-Digest, Content-MD5, Content-Type, Idempotency-Key,"
    " If-Match, If-None-Match, If-Range, Prefer, Range, Tus-Resumable, Upload-Checksum,"
    " Upload-Length, Upload-Metadata, Upload-Offset, X-HTTP-Method-Override, X-Request-ID,"
    " X-Requested-With"
)
# What a script may see of an answer beside its body and the headers that all may see.
EXPOSED = (
    "Accept-Ranges, Content-Disposition, Content-MD5, Content-Range, ETag, Idempotent-Replayed,"
    " Link, Location, Memento-Datetime, Preference-Applied, Repr-Digest, Retry-After,"
    " Tus-Checksum-Algorithm, Tus-Extension, Tus-Resumable, Tus-Version, Upload-Expires,"
    " Upload-Length, Upload-Offset, X-Request-Id, X-Total-Count"
)


def allow(req: Request, resp: Response) -> None:
    """Let scripts read an answer; to OPTIONS, say what they may send."""
    resp.set_header("Access-Control-Allow-Origin", "*")
    resp.set_header("Access-Control-Expose-Headers", EXPOSED)
    if req.method == "OPTIONS":
        resp.set_header("Access-Control-Allow-Methods", resp.get_header("Allow") or "")
        resp.set_header("Access-Control-Allow-Headers", HEADERS)
