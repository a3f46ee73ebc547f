-- What changed of a group, and since when it has its logo and is seen as it is. Source:
-- projections/groups.sql, by which the view is made again from the log.
DROP TABLE IF EXISTS view.groups;
