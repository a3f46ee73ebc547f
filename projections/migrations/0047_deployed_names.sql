-- Deployments tell the names of their variables without their versions; they are filled from the log.
-- Source: projections/deployments.sql.

DROP TABLE IF EXISTS view.deployments;
