-- name: all
-- Of retired ones too: records go on referring to them.
SELECT key, content #>> '{props,type}', content #>> '{props,subtype}' FROM terms
 WHERE words @@ '''/resourcetypes'''::tsquery AND type = 'resourcetypes';
