-- name: table
-- What is generated is for lists of communities: projections/communities.sql.
CREATE TABLE groups (
    id            uuid PRIMARY KEY,
    version       integer     NOT NULL,
    recorded_at   timestamptz NOT NULL,
    number        bigint      NOT NULL,
    kind          text        NOT NULL,
    name          jsonb       NOT NULL,
    description   jsonb       NOT NULL,
    members       jsonb       NOT NULL,
    member_groups jsonb       NOT NULL,
    deleted       boolean     NOT NULL,
    created_at    timestamptz NOT NULL,
    changed_at    timestamptz NOT NULL,
    revision      integer     NOT NULL,
    slug          text,
    policies      jsonb,
    metadata      bytea,
    logo          jsonb,
    logo_since    timestamptz,
    shown_since   timestamptz,
    type          text                 GENERATED ALWAYS AS (es.community_type(metadata)) STORED,
    words         tsvector             GENERATED ALWAYS AS (es.community_words(slug, metadata)) STORED
);

-- name: indexes
CREATE UNIQUE INDEX ON groups (kind, number);
CREATE INDEX ON groups (slug) WHERE slug IS NOT NULL;
CREATE INDEX ON groups USING gin (words) WHERE kind = 'community';

-- name: number
SELECT number FROM groups WHERE id = %(id)s;

-- name: shown
SELECT g.number, g.name, g.description,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(a.number, m.role) ORDER BY a.number), '[]')
          FROM members m JOIN accounts a ON a.id = m.account WHERE m.team = g.id),
       (SELECT coalesce(jsonb_agg(jsonb_build_array(t.number, i.role) ORDER BY t.number), '[]')
          FROM member_groups i JOIN groups t ON t.id = i.team AND NOT t.deleted
         WHERE i.project = g.id)
  FROM groups g
 WHERE g.kind = %(kind)s AND NOT g.deleted
   AND (%(number)s::bigint IS NULL OR g.number = %(number)s)
 ORDER BY g.number;
