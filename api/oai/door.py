"""/oai2d: OAI-PMH 2.0. Refusals are replies too, with the status 200, as the protocol has them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from falcon.asgi import Request, Response
from msgspec.structs import replace

from api.door import Dialect, Resource, send_bytes
from api.inveniordm import exporting, links
from api.inveniordm.errors import status
from api.oai import protocol
from api.oai.protocol import Harvest, Refused, datestamp
from api.oai.reply import FORMATS, Listed, Reply, Resumption, drawn
from api.service import Service
from domain import heavy
from domain.access import EVERYONE
from domain.errors import Invalid, Refusal
from projections import asking, listed, published
from projections.asking import Compiled
from projections.conditions import All, Condition, IsKnown
from projections.published import Found, Newest
from projections.wanted import Wanted

PAGE = 100  # records, or identifiers, of a reply
PUBLIC = (EVERYONE,)
XML = "text/xml; charset=utf-8"
NAME = "Muniment"
NOBODY = "nobody@localhost"  # OAI-PMH wants an address; none is known here
BODY = 64 << 10  # bytes of a form


def _error(refusal: Refusal, status: int) -> dict[str, Any]:
    return {"status": status, "message": refusal.message}


DIALECT = Dialect(
    name="oai",
    status=status,
    error=_error,
    created=lambda _location: {},
    challenge='Bearer realm="Muniment"',
)


class OaiPmh(Resource):
    """/oai2d"""

    dialect = DIALECT
    needs_login = False
    scope = "read"
    query: ClassVar = {
        "GET": {
            "verb": ", ".join(protocol.VERBS),
            "metadataPrefix": ", ".join(FORMATS),
            "identifier": "of a record",
            "from": "the first datestamp, a day or a second",
            "until": "the last datestamp",
            "set": "refused: there are no sets",
            "resumptionToken": "where a list goes on",
        }
    }

    def __init__(self, service: Service) -> None:
        self.service = service

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the reply, also to what is no request of the protocol."""
        await self._reply(req, resp, req.query_string)

    async def on_post(self, req: Request, resp: Response) -> None:
        """The same, with the arguments as a form. Raises Invalid, TooLarge."""
        body = await self.service.bodies.read(req)
        if len(body) > BODY:
            raise Invalid(f"A form has {BODY} bytes at most.")
        await self._reply(req, resp, body.decode("utf-8", "replace"))

    async def _reply(self, req: Request, resp: Response, arguments: str) -> None:
        base = links.base(req, self.service.base_url)
        given: dict[str, str] = {}
        reply = Reply(url=f"{base}/oai2d", arguments={}, at=datetime.now(UTC))
        try:
            given = protocol.checked(_parsed(arguments))
            reply = replace(reply, arguments=given)
            reply = await self._answer(base, given, reply)
        except Refused as refused:
            reply = replace(reply, error=(refused.code, refused.message))
        send_bytes(resp, await self.service.slow(lambda: heavy.call(drawn, reply)))
        resp.content_type = XML

    async def _answer(self, base: str, given: dict[str, str], reply: Reply) -> Reply:
        verb = given["verb"]
        if verb == "Identify":
            return replace(reply, identify=await self._identify(base))
        if verb == "ListSets":
            raise Refused("noSetHierarchy", "There are no sets here.")
        if verb == "ListMetadataFormats":
            if "identifier" in given:
                await self._one(base, given["identifier"])
            return replace(reply, formats=list(FORMATS.values()))
        if verb == "GetRecord":
            _require_format(given["metadataPrefix"])
            found, newest = await self._one(base, given["identifier"])
            record = await self._listed(base, found, newest, whole=True)
            return replace(reply, prefix=given["metadataPrefix"], listed=[record])
        return await self._list(base, self._harvest(given), reply, whole=verb == "ListRecords")

    async def _identify(self, base: str) -> dict[str, str]:
        first = await self._found(Harvest(""), limit=1)
        lines = await published.those(self.service.db, first.records, PUBLIC)
        since = [line.newest.recorded_at for line in lines if line.newest is not None]
        return {
            "repositoryName": NAME,
            "baseURL": f"{base}/oai2d",
            "protocolVersion": "2.0",
            "adminEmail": NOBODY,
            "earliestDatestamp": datestamp(since[0] if since else datetime.now(UTC)),
            "deletedRecord": "no",
            "granularity": "YYYY-MM-DDThh:mm:ssZ",
        }

    def _harvest(self, given: dict[str, str]) -> Harvest:
        if protocol.TOKEN not in given:
            return protocol.harvest(given)
        try:
            return self.service.cursors.read(given[protocol.TOKEN], Harvest)
        except Invalid as error:
            raise Refused("badResumptionToken", "This token is none of ours.") from error

    async def _list(self, base: str, harvest: Harvest, reply: Reply, *, whole: bool) -> Reply:
        _require_format(harvest.prefix)
        found = await self._found(harvest)
        records = await self._those(base, found.records, whole=whole)
        if not records and harvest.after is None:
            raise Refused("noRecordsMatch", "There is no such record.")
        resumption = None
        if found.next is not None or harvest.after is not None:
            done = harvest.done + len(found.records)
            rest = ""
            if found.next is not None:
                rest = self.service.cursors.text(replace(harvest, after=found.next, done=done))
            resumption = Resumption(rest, harvest.done, found.total)
        return replace(reply, prefix=harvest.prefix, listed=records, resumption=resumption)

    async def _found(self, harvest: Harvest, limit: int = PAGE) -> listed.Found:
        wanted = Wanted(
            principals=PUBLIC,
            condition=_within(harvest),
            sort="updated-asc",
            limit=limit,
            after=harvest.after,
            all_versions=True,
            facets=False,
        )
        try:
            return await listed.find(self.service.searching, wanted)
        except Invalid as error:
            if harvest.after is None:
                raise
            raise Refused("badResumptionToken", error.message) from error

    async def _those(self, base: str, ids: Sequence[UUID], *, whole: bool) -> list[Listed]:
        records = []
        for line in await published.those(self.service.db, ids, PUBLIC):
            newest = line.newest
            if newest is None or not line.open_at(datetime.now(UTC)):  # closed a moment ago
                continue
            if whole and not newest.body:
                newest = replace(newest, body=await published.document(self.service.db, line))
            records.append(await self._listed(base, line, newest, whole=whole))
        return records

    async def _one(self, base: str, identifier: str) -> tuple[Found, Newest]:
        pid = identifier.removeprefix(_identifier(base, ""))
        found = await published.one(self.service.db, pid, PUBLIC) if pid != identifier else None
        if found is None or found.newest is None or not found.open_at(datetime.now(UTC)):
            raise Refused("idDoesNotExist", "There is no such record.")
        return found, found.newest

    async def _listed(self, base: str, found: Found, newest: Newest, *, whole: bool) -> Listed:
        told = await exporting.exported(self.service, base, found, newest) if whole else None
        return Listed(_identifier(base, found.pid), newest.recorded_at, told)


def _parsed(arguments: str) -> dict[str, list[str]]:
    try:
        return parse_qs(arguments, keep_blank_values=True, max_num_fields=20)
    except ValueError:
        raise Refused("badArgument", "There are too many arguments.") from None


def _identifier(base: str, pid: str) -> str:
    return f"oai:{urlsplit(base).hostname}:{pid}"


def _require_format(prefix: str) -> None:
    if prefix not in FORMATS:
        raise Refused("cannotDisseminateFormat", f"There are {', '.join(FORMATS)}.")


def _within(harvest: Harvest) -> Compiled | None:
    parts: list[Condition] = []
    if harvest.since is not None:
        parts.append(IsKnown("updated", ">=", harvest.since))
    if harvest.before is not None:
        parts.append(IsKnown("updated", "<", harvest.before))
    return asking.compiled(All(tuple(parts))) if parts else None
