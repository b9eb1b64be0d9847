-- The one way into the log: a whole batch in one round trip; the casts fix the types whatever the values look like.
SELECT outcome, first_position, last_position
FROM events.append(
    %(command_ids)b::uuid[],
    %(owners)b::integer[],
    %(streams)b::uuid[],
    %(versions)b::bigint[],
    %(follows)b::boolean[],
    %(topics)b::text[],
    %(states)b::bytea[],
    %(event_ids)b::uuid[],
    %(metadatas)b::bytea[]
)
