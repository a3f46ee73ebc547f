"""InvenioRDM's whole surface, one line a route."""

from __future__ import annotations

from api.exports.forms import FORMS
from api.home import Home
from api.inveniordm import access_links, content, files, members, replies, resumable, vocabularies
from api.inveniordm.communities import resources as communities
from api.inveniordm.communities.logo import Logo
from api.inveniordm.community_records import CommunityRecords
from api.inveniordm.drafts import Draft
from api.inveniordm.publishing import Publish
from api.inveniordm.record_communities import RecordCommunities
from api.inveniordm.records import Record, Records
from api.inveniordm.resource import MEDIA_TYPES, InvenioRdmResource
from api.inveniordm.user_records import UserRecords
from api.inveniordm.versions import Latest, Versions
from api.service import Service


def routes(service: Service, home: Home) -> dict[str, InvenioRdmResource]:
    """Return path template → resource. An access link opens what is about one record.

    `home` is the other door at /api/records.
    """
    found = {path: kind(service) for path, kind in PATHS.items()}
    for path, resource in found.items():
        resource.takes_links = "{pid}" in path
    for path in ("/api/records/", "/api/records/{pid}/"):
        found[path].home = home
    as_it_says = {"description": "what this form's own specification says"}
    one = {**dict.fromkeys(MEDIA_TYPES), **dict.fromkeys(FORMS, as_it_says), **home.shapes}
    lists = {kind: replies.hits(schema) for kind, schema in home.shapes.items()}
    shown = replies.at_home(home.shape)
    for path, kinds, schema in (
        ("{pid}/", one, shown),
        ("", {**dict.fromkeys(MEDIA_TYPES), **lists}, replies.hits(shown)),
    ):
        resource = found[f"/api/records/{path}"]
        resource.media_types = {"GET": kinds}  # type: ignore[misc]  # its own
        resource.answers = {**resource.answers, "GET": schema}  # type: ignore[misc]  # its own
    return found


PATHS: dict[str, type[InvenioRdmResource]] = {
    "/api/records/": Records,
    "/api/records/{pid}/": Record,  # with a slash as without: so the other door's clients ask
    "/api/user/records/": UserRecords,
    "/api/records/{pid}/access/links/": access_links.Links,
    "/api/records/{pid}/access/links/{link}": access_links.AccessLink,
    "/api/records/{pid}/communities/": RecordCommunities,
    "/api/records/{pid}/versions/": Versions,
    "/api/records/{pid}/versions/latest": Latest,
    "/api/records/{pid}/draft": Draft,
    "/api/records/{pid}/draft/actions/publish": Publish,
    "/api/records/{pid}/draft/actions/files-import": files.Import,
    "/api/records/{pid}/draft/files/": files.DraftFiles,
    "/api/records/{pid}/draft/files/{key}": files.DraftFile,
    "/api/records/{pid}/draft/files/{key}/content": resumable.ResumableContent,
    "/api/records/{pid}/draft/files/{key}/commit": files.Commit,
    "/api/records/{pid}/draft/uploads/{upload}": resumable.ResumableUpload,
    "/api/records/{pid}/files/": files.RecordFiles,
    "/api/records/{pid}/files/{key}": files.RecordFile,
    "/api/records/{pid}/files/{key}/content": content.RecordContent,
    "/api/communities/": communities.Communities,
    "/api/communities/{community}": communities.OneCommunity,
    "/api/communities/{community}/rename": communities.Rename,
    "/api/communities/{community}/logo": Logo,
    "/api/communities/{community}/records": CommunityRecords,
    "/api/communities/{community}/members/": members.Members,
    "/api/communities/{community}/members/public": members.PublicMembers,
    "/api/user/communities/": communities.UserCommunities,
    "/api/vocabularies/{vocabulary}/": vocabularies.Vocabulary,
    "/api/vocabularies/{vocabulary}/{term}": vocabularies.VocabularyTerm,
    "/api/affiliations/": vocabularies.Affiliations,
    "/api/affiliations/{term}": vocabularies.Affiliation,
    "/api/subjects/": vocabularies.Subjects,
    "/api/subjects/{term}": vocabularies.Subject,
}
