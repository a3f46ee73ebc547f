-- The words of documents, for searches. They follow the log, as far as the follower `words` has come.
-- Source: projections/words.sql.
DROP INDEX IF EXISTS view.search_words_idx;
CREATE TABLE IF NOT EXISTS view.words (
    record  uuid     PRIMARY KEY,
    version integer  NOT NULL,
    words   tsvector NOT NULL
);
CREATE INDEX IF NOT EXISTS words_words_idx ON view.words USING gin (words);
