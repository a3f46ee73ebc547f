-- Numbers of comments. Source: projections/comments.py.
CREATE SEQUENCE IF NOT EXISTS es.comment_number;
GRANT USAGE, SELECT ON SEQUENCE es.comment_number TO muniment_writer;
