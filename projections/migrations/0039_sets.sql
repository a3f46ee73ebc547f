-- When everybody last saw a family in a community that it left, and datestamps by what everybody sees.
-- Source: projections/families.sql, listing.sql, by which all of it is made again.
DROP TABLE IF EXISTS view.families, view.audiences, view.tallies, view.margins, view.listed;
DELETE FROM es.follower WHERE name = 'listed';
