-- When what everybody sees of a record last changed. Source: projections/listing.sql, which makes the
-- tables anew.
DROP TABLE IF EXISTS view.audiences, view.tallies, view.margins, view.listed;
DELETE FROM es.follower WHERE name = 'listed';
