-- Of an audience it is known when it may list files, and of a record who owns it. Source:
-- projections/listing.sql, which makes the tables anew.
DROP TABLE IF EXISTS view.audiences, view.tallies, view.margins, view.listed;
DELETE FROM es.follower WHERE name = 'listed';
