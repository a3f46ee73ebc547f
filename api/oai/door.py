"""/oai2d: OAI-PMH 2.0. Refusals are replies too, with the status 200, as the protocol has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, TypeVar
from urllib.parse import parse_qs

from falcon.asgi import Request, Response
from msgspec import Struct
from msgspec.structs import replace

from api import access_log, addresses
from api.cursors import Cursors
from api.door import Dialect, Resource, send_bytes
from api.errors import status_of
from api.oai import protocol
from api.oai.harvesting import PAGE, RETRY, TOO_SLOW, Harvester, Page
from api.oai.protocol import Harvest, Refused, Sets, datestamp
from api.oai.reply import FORMATS, Drawn, Reply, Resumption, drawn
from api.service import Service
from domain import heavy
from domain.errors import Invalid, Refusal, TooLarge, TooManyRequests
from projections import sets

LISTS = ("ListIdentifiers", "ListRecords")
XML = "text/xml; charset=utf-8"
NAME = "Muniment"
BODY = 64 << 10  # bytes of a form
# What was decided earlier than this is stored by now: who asks next for what is new since a reply
# was made misses no write that was under way then, and is told of some twice.
OVERLAP = timedelta(minutes=1)

Place = TypeVar("Place", bound=Struct)


def _status(refusal: Refusal) -> int:
    """Return the status: who asks too much is told when to come again, by 503."""
    return 503 if isinstance(refusal, TooManyRequests) else status_of(refusal)


def _error(refusal: Refusal, status: int) -> dict[str, Any]:
    return {"status": status, "message": refusal.message}


DIALECT = Dialect(
    name="oai",
    status=_status,
    error=_error,
)


ARGUMENTS = {
    "verb": ", ".join(protocol.VERBS),
    "metadataPrefix": ", ".join(FORMATS),
    "identifier": "of a record",
    "from": "the first datestamp, a day or a second",
    "until": "the last datestamp",
    "set": "a public community, as community-SLUG",
    "resumptionToken": "where a list goes on",
}
FIELDS = {name: {"type": "string", "description": about} for name, about in ARGUMENTS.items()}


class OaiPmh(Resource):
    """/oai2d"""

    dialect = DIALECT
    needs_login = False
    scope = "read"
    takes_keys = False  # a POST changes nothing
    query: ClassVar = {"GET": ARGUMENTS}
    request: ClassVar = {"POST": {"type": "object", "properties": FIELDS}}
    request_type = "application/x-www-form-urlencoded"
    media_types: ClassVar = {"GET": (XML,), "POST": (XML,)}

    def __init__(self, service: Service) -> None:
        self.service = service

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the reply, also to what is no request of the protocol."""
        await self._reply(req, resp, req.query_string)

    async def on_post(self, req: Request, resp: Response) -> None:
        """200 as there, with the arguments as a form. Raises Invalid, TooLarge."""
        body = await self.service.bodies.read(req)
        if len(body) > BODY:
            raise Invalid(f"A form has {BODY} bytes at most.")
        await self._reply(req, resp, body.decode("utf-8", "replace"))

    async def _reply(self, req: Request, resp: Response, arguments: str) -> None:
        base = addresses.base(req, self.service.base_url)
        names = f"oai:{protocol.namespace(self.service.base_url or base)}:"
        harvester = Harvester(self.service, base, names)
        reply = Reply(url=f"{base}/oai2d", arguments={}, at=datetime.now(UTC) - OVERLAP)
        try:
            given = protocol.checked(_parsed(arguments))
            reply = replace(reply, arguments=given)
            if given["verb"] in LISTS:
                body = await self._list(req, harvester, given, reply)
            else:
                body = (await self._drawn(await self._answer(harvester, given, reply))).body
        except Refused as refused:
            error = (refused.code, refused.message)
            body = (await self._drawn(replace(reply, error=error))).body
        send_bytes(resp, body)
        resp.content_type = XML

    async def _answer(self, harvester: Harvester, given: dict[str, str], reply: Reply) -> Reply:
        verb = given["verb"]
        if verb == "Identify":
            return replace(reply, identify=await self._identify(harvester))
        if verb == "ListSets":
            return await self._sets(given, reply)
        if verb == "ListMetadataFormats":
            if "identifier" in given:
                if await harvester.erased(given["identifier"]) is not None:
                    raise Refused("noMetadataFormats", "This record was erased.")
                await harvester.one(given["identifier"])
            return replace(reply, formats=list(FORMATS.values()))
        _require_format(given["metadataPrefix"])
        erased = await harvester.erased(given["identifier"])
        if erased is not None:
            return replace(reply, listed=[erased])
        one = await harvester.one(given["identifier"])
        records = await harvester.shown([one], whole=True)
        return replace(reply, prefix=given["metadataPrefix"], listed=records)

    async def _sets(self, given: dict[str, str], reply: Reply) -> Reply:
        place = Sets(0, 0)
        if protocol.TOKEN in given:
            place = self._place(given, Sets)
        page = await sets.page(self.service.db, place.after, PAGE)
        if not page.sets:
            raise Refused("noSetHierarchy", "There are no sets here, or no more.")
        total, done = place.done + page.left, place.done + len(page.sets)
        token = ""
        if done < total:
            token = self.service.cursors.text(Sets(page.sets[-1].number, done))
        shown = [(protocol.SET + each.slug, each.name) for each in page.sets]
        resumption = Resumption(token, place.done, total) if token or place.done else None
        return replace(reply, sets=shown, resumption=resumption)

    async def _identify(self, harvester: Harvester) -> dict[str, str]:
        return {
            "repositoryName": NAME,
            "baseURL": f"{harvester.base}/oai2d",
            "protocolVersion": "2.0",
            "adminEmail": self.service.admin_email,
            "earliestDatestamp": datestamp(await harvester.first()),
            "deletedRecord": "transient",
            "granularity": "YYYY-MM-DDThh:mm:ssZ",
        }

    async def _harvest(self, harvester: Harvester, given: dict[str, str]) -> Harvest:
        if protocol.TOKEN in given:
            return self._place(given, Harvest)
        harvest = protocol.harvest(given)
        if "set" in given:
            return replace(harvest, within=await harvester.called(given["set"]))
        return harvest

    def _place(self, given: dict[str, str], kind: type[Place]) -> Place:
        try:
            return self.service.cursors.read(given[protocol.TOKEN], kind)
        except Invalid as error:
            raise Refused("badResumptionToken", "This token is none of ours.") from error

    async def _list(
        self, req: Request, harvester: Harvester, given: dict[str, str], reply: Reply
    ) -> bytes:
        """Return a reply with the next page that has records, if any has."""
        harvest = await self._harvest(harvester, given)
        _require_format(harvest.prefix)
        while True:
            page = await harvester.page(harvest, whole=given["verb"] == "ListRecords")
            shown = _listing(reply, harvest, page, self.service.cursors)
            try:
                made = await self._drawn(shown)
            except TooLarge as error:
                if len(page.records) > 1:
                    raise TooManyRequests(TOO_SLOW, RETRY) from error
                made = await self._drawn(replace(shown, listed=()))
                access_log.failure(req.context.id, f"{page.records[0].identifier}: {error}")
            for failure in made.failures:
                access_log.failure(req.context.id, failure)
            if made.records or page.rest is None:
                break
            harvest = page.rest
        if not made.records:
            raise Refused("noRecordsMatch", "There is no such record, or none any more.")
        return made.body

    async def _drawn(self, reply: Reply) -> Drawn:
        """Return a reply in XML, made on a thread: what writes it takes time to be loaded."""
        sources = [each.source for each in reply.listed or () if each.source is not None]
        if sum(len(each.document) for each in sources) <= heavy.LIGHT:
            return await self.service.slow(lambda: drawn(reply))
        return await self.service.slow(lambda: heavy.call(drawn, reply))


def _listing(reply: Reply, harvest: Harvest, page: Page, cursors: Cursors) -> Reply:
    """Return the reply with a page of a list, and where the list goes on."""
    resumption = None
    if page.rest is not None or harvest.after is not None:
        token = "" if page.rest is None else cursors.text(page.rest)
        resumption = Resumption(token, harvest.done, page.total)
    return replace(reply, prefix=harvest.prefix, listed=page.records, resumption=resumption)


def _parsed(arguments: str) -> dict[str, list[str]]:
    try:
        return parse_qs(arguments, keep_blank_values=True, max_num_fields=20)
    except ValueError:
        raise Refused("badArgument", "There are too many arguments.") from None


def _require_format(prefix: str) -> None:
    if prefix not in FORMATS:
        raise Refused("cannotDisseminateFormat", f"There are {', '.join(FORMATS)}.")
