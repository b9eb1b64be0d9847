-- The only way into the log: a batch of commands, each stored wholly, known already, or refused.

-- Commands are numbered from 1 by their place in command_ids; `owners` holds for each event the number of its command.
-- `follows` is true where the event's predecessor in its stream must already be stored, so that a stream has no holes.
-- An event without a version goes to the end of its stream, wherever that is once its turn has come.
-- A command is a duplicate when it has been stored before; it is in conflict when one of its places is taken.
CREATE FUNCTION events.append(
    command_ids uuid[],
    owners integer[],
    streams uuid[],
    versions bigint[],
    follows boolean[],
    topics text[],
    states bytea[],
    event_ids uuid[],
    metadatas bytea[]
) RETURNS TABLE (command_id uuid, outcome text, first_position bigint, last_position bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- The plan is fixed to index look-ups: one made while the table was empty must serve when it is large.
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
-- And it is not made anew for each call, which would cost more than the call itself.
SET plan_cache_mode = force_generic_plan
AS $body$
#variable_conflict use_column
DECLARE
    outcomes text[];
    late integer;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'events.append needs READ COMMITTED: each step must see what was committed before its lock'
            USING ERRCODE = 'invalid_transaction_state';
    END IF;
    IF (cardinality(owners) = ALL (ARRAY[cardinality(streams), cardinality(versions), cardinality(follows),
            cardinality(topics), cardinality(states), cardinality(event_ids), cardinality(metadatas)])
        AND 1 <= ALL (owners) AND cardinality(command_ids) >= ALL (owners)
        AND cardinality(command_ids) = (SELECT count(DISTINCT owner) FROM unnest(owners) AS owner)) IS NOT TRUE THEN
        RAISE EXCEPTION 'a batch names the command of each event, and an event for each command'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;

    -- One writer at a time until its commit, so positions become visible in their order and a follower misses none.
    -- It must be a statement of its own: the next ones then see what the writer before has committed.
    PERFORM pg_advisory_xact_lock(4741656201);

    -- What the log already says about each command. Nothing has been drawn or written yet, so a refusal leaves no gap.
    SELECT array_agg(CASE WHEN known.command_id IS NOT NULL THEN 'duplicate'
                          WHEN stale.owner IS NOT NULL THEN 'conflict'
                          ELSE 'appended' END ORDER BY given.n)
    INTO outcomes
    FROM unnest(command_ids) WITH ORDINALITY AS given (id, n)
    LEFT JOIN events.commands AS known ON known.command_id = given.id
    LEFT JOIN (
        SELECT DISTINCT claim.owner
        FROM unnest(owners, streams, versions, follows) AS claim (owner, stream, version, follows)
        LEFT JOIN events.stored_events AS taken
            ON taken.originator_id = claim.stream AND taken.originator_version = claim.version
        LEFT JOIN events.stored_events AS before
            ON before.originator_id = claim.stream AND before.originator_version = claim.version - 1 AND claim.follows
        WHERE taken.originator_id IS NOT NULL OR (claim.follows AND before.originator_id IS NULL)
    ) AS stale ON stale.owner = given.n;

    -- What the commands of the batch say about each other: whoever comes later is judged by those accepted before it.
    -- Nobody can have read what an event without a version has only just put at the end of a stream.
    IF cardinality(command_ids) > 1 THEN
        FOR late IN
            SELECT claim.owner
            FROM (SELECT owner, version,
                      row_number() OVER (PARTITION BY stream, version ORDER BY owner) AS turn,
                      bool_or(version IS NULL) OVER (PARTITION BY stream ORDER BY owner) AS moved
                  FROM unnest(owners, streams, versions) AS event (owner, stream, version)) AS claim
            WHERE claim.version IS NOT NULL AND (claim.turn > 1 OR claim.moved) AND outcomes[claim.owner] = 'appended'
            UNION
            SELECT given.n::integer
            FROM (SELECT n, row_number() OVER (PARTITION BY id ORDER BY n) AS turn
                  FROM unnest(command_ids) WITH ORDINALITY AS command (id, n)) AS given
            WHERE given.turn > 1 AND outcomes[given.n] = 'appended'
            ORDER BY 1
        LOOP
            IF EXISTS (SELECT FROM generate_series(1, late - 1) AS n
                       WHERE command_ids[n] = command_ids[late] AND outcomes[n] = 'appended') THEN
                outcomes[late] := 'duplicate';
            ELSIF EXISTS (SELECT
                          FROM unnest(owners, streams, versions) AS mine (owner, stream, version)
                          JOIN unnest(owners, streams, versions) AS other (owner, stream, version)
                              ON other.stream = mine.stream AND other.owner < late
                              AND (other.version = mine.version OR other.version IS NULL)
                          WHERE mine.owner = late AND mine.version IS NOT NULL
                              AND outcomes[other.owner] = 'appended') THEN
                outcomes[late] := 'conflict';
            END IF;
        END LOOP;
    END IF;

    -- The end of a stream moves with each event of the batch that is accepted for it, in the order of the batch.
    IF array_position(versions, NULL) IS NOT NULL THEN
        SELECT array_agg(coalesce(placed.version, placed.before + placed.turn) ORDER BY placed.n)
        INTO versions
        FROM (SELECT event.n, event.version, coalesce(newest.version, 0) AS before,
                  count(*) FILTER (WHERE outcomes[event.owner] = 'appended')
                      OVER (PARTITION BY event.stream ORDER BY event.owner, event.n) AS turn
              FROM unnest(owners, streams, versions) WITH ORDINALITY AS event (owner, stream, version, n)
              LEFT JOIN LATERAL (
                  SELECT originator_version AS version
                  FROM events.stored_events
                  WHERE originator_id = event.stream
                  ORDER BY originator_version DESC
                  LIMIT 1
              ) AS newest ON event.version IS NULL) AS placed;
    END IF;

    IF 'appended' = ANY (outcomes) THEN
        -- Positions are drawn here in the order of the batch, command by command, and not by the column's default.
        WITH accepted AS MATERIALIZED (
            SELECT nextval('events.stored_events_notification_id_seq') AS place, ordered.*
            FROM (SELECT *
                  FROM unnest(owners, streams, versions, topics, states, event_ids, metadatas) WITH ORDINALITY
                      AS event (owner, stream, version, topic, state, event_id, metadata, n)
                  WHERE outcomes[event.owner] = 'appended'
                  ORDER BY event.owner, event.n) AS ordered
        ), stored AS (
            INSERT INTO events.stored_events
                (originator_id, originator_version, topic, state, notification_id, event_id, metadata)
            SELECT stream, version, topic, state, place, event_id, metadata FROM accepted
        )
        INSERT INTO events.commands (command_id, first_position, last_position)
        SELECT command_ids[owner], min(place), max(place) FROM accepted GROUP BY owner;

        -- The channel that the library's subscription listens to; once a batch, its lock no longer matters.
        NOTIFY stored_events;
    END IF;

    RETURN QUERY
        SELECT given.id, outcomes[given.n], place.first_position, place.last_position
        FROM unnest(command_ids) WITH ORDINALITY AS given (id, n)
        LEFT JOIN events.commands AS place ON place.command_id = given.id AND outcomes[given.n] <> 'conflict'
        ORDER BY given.n;
END
$body$;

REVOKE ALL ON FUNCTION events.append(uuid[], integer[], uuid[], bigint[], boolean[], text[], bytea[], uuid[], bytea[])
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    events.append(uuid[], integer[], uuid[], bigint[], boolean[], text[], bytea[], uuid[], bytea[]) TO gongduan_service;
