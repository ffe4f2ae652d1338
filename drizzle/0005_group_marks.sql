-- Where the lines that open and end groups are, so that groups are known without reading text. Null where a chunk has none.
ALTER TABLE log_chunks ADD COLUMN marks bytea;--> statement-breakpoint
CREATE INDEX log_chunks_marked ON log_chunks (run_key, first_line) WHERE marks IS NOT NULL;--> statement-breakpoint
DROP FUNCTION stratal_merge(bigint, bigint, int, jsonb, bytea, bytea);--> statement-breakpoint
-- Replaces adjacent chunks of a run by one that holds the same lines. False where they are not there any more as they were read:
-- another merge, or the run's deletion, came first.
CREATE FUNCTION stratal_merge(p_run bigint, p_first bigint, p_chunks int, p_chunk jsonb, p_attrs bytea, p_body bytea, p_marks bytea)
RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_chunks int;
  v_lines bigint;
BEGIN
  WITH gone AS (
    DELETE FROM log_chunks
    WHERE run_key = p_run AND first_line >= p_first AND first_line < p_first + (p_chunk->>'lines')::int
    RETURNING line_count
  )
  SELECT count(*), coalesce(sum(line_count), 0) INTO v_chunks, v_lines FROM gone;
  IF v_chunks <> p_chunks OR v_lines <> (p_chunk->>'lines')::int THEN
    IF v_chunks > 0 THEN
      RAISE EXCEPTION 'chunks of run % changed while they were merged', p_run USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN false;
  END IF;
  INSERT INTO log_chunks (run_key, first_line, line_count, min_at, max_at, facets, text_bytes, codec, attrs, body, marks)
  VALUES (p_run, p_first, (p_chunk->>'lines')::int, (p_chunk->>'min')::bigint, (p_chunk->>'max')::bigint, p_chunk->'facets',
    (p_chunk->>'text')::int, (p_chunk->>'codec')::smallint, p_attrs, p_body, p_marks);
  RETURN true;
END
$$;--> statement-breakpoint
-- The way by which lines are added and a run starts, finishes, is lost or revived. One transaction advisory lock puts all
-- commits in one order; the statements after it each take a fresh snapshot, so they see every commit before this one. A step's
-- `step` is create, start, lines, finish, heartbeat or lose; blobs of all chunks are laid end to end in p_blob. Each statement costs
-- some 20 µs and each changed row its place in the log, so a step of lines reads its run by the update that counts them. Outcomes are
-- gathered in an array: jsonb would be copied whole for each of up to 20,000 runs of a group.
CREATE OR REPLACE FUNCTION stratal_append(p_sources jsonb, p_steps jsonb, p_blob bytea)
RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_now bigint;
  v_stale jsonb;
  v_gone jsonb;
  v_pending jsonb;
  v_previous bigint;
  v_position bigint;
  v_outcomes jsonb[] := '{}';
  v_step jsonb;
  v_kind text;
  v_run job_runs%ROWTYPE;
  v_first bigint;
  v_lines int;
  v_end jsonb;
  v_outcome text;
BEGIN
  PERFORM pg_advisory_xact_lock(7310010);
  v_now := stratal_now();

  IF p_sources <> '[]' THEN
    SELECT jsonb_object_agg(s.source, coalesce(p.next_position, 0)) INTO v_stale
    FROM jsonb_to_recordset(p_sources) AS s(source uuid, expected bigint) LEFT JOIN producers p USING (source)
    WHERE coalesce(p.next_position, 0) <> s.expected;
    IF v_stale IS NOT NULL THEN
      RETURN jsonb_build_object('stale', v_stale);
    END IF;
  END IF;

  -- Lines for a run that was deleted: the caller names it anew, so that no line is dropped silently. Lines for a run that has not
  -- started: the caller starts it first, so that its start is line 1.
  SELECT jsonb_agg(DISTINCT s.run) FILTER (WHERE r.key IS NULL), jsonb_agg(DISTINCT s.run) FILTER (WHERE r.status = 'pending')
  INTO v_gone, v_pending
  FROM jsonb_to_recordset(p_steps) AS s(step text, run bigint) LEFT JOIN job_runs r ON r.key = s.run
  WHERE s.step = 'lines';
  IF v_gone IS NOT NULL THEN
    RETURN jsonb_build_object('gone', v_gone);
  END IF;
  IF v_pending IS NOT NULL THEN
    SELECT jsonb_agg(p.run) INTO v_pending FROM jsonb_array_elements(v_pending) AS p(run)
    WHERE NOT EXISTS (SELECT FROM jsonb_to_recordset(p_steps) AS s(step text, run jsonb) WHERE s.step = 'start' AND s.run = p.run);
    IF v_pending IS NOT NULL THEN
      RETURN jsonb_build_object('pending', v_pending);
    END IF;
  END IF;

  v_previous := coalesce(pg_sequence_last_value('log_position'), 0);
  v_position := v_previous;

  FOR v_index IN 0 .. jsonb_array_length(p_steps) - 1 LOOP
    v_step := p_steps->v_index;
    v_kind := v_step->>'step';
    v_outcome := 'done';
    v_end := NULL;
    v_lines := 0;

    IF v_kind = 'lines' THEN
      v_run.key := (v_step->>'run')::bigint;
      v_lines := (v_step->>'lines')::int;
      IF v_lines = 0 THEN
        RAISE EXCEPTION 'a step of lines has none';
      END IF;
    ELSIF v_kind = 'create' THEN
      INSERT INTO job_runs (id, job_name, status, announced, created_at, started_at, triggered_by, metadata, heartbeat_seconds, last_heartbeat_at)
      VALUES (v_step->>'id', v_step->>'job_name', v_step->>'status', true, v_now,
        CASE WHEN v_step->>'status' = 'running' THEN coalesce((v_step->>'started_at')::bigint, v_now) ELSE (v_step->>'started_at')::bigint END,
        v_step->>'triggered_by', v_step->'metadata', (v_step->>'heartbeat_seconds')::int,
        CASE WHEN v_step ? 'heartbeat_seconds' THEN v_now END)
      ON CONFLICT (id) DO NOTHING RETURNING * INTO v_run;
      IF NOT FOUND THEN
        SELECT * INTO v_run FROM job_runs WHERE id = v_step->>'id';
        v_outcome := CASE WHEN v_run.job_name = v_step->>'job_name' THEN 'unchanged' ELSE 'conflict' END;
      ELSIF v_run.status = 'running' THEN
        v_lines := 1;
      END IF;
    ELSE
      SELECT * INTO v_run FROM job_runs WHERE key = (v_step->>'run')::bigint FOR UPDATE;
      IF NOT FOUND THEN
        v_outcomes := array_append(v_outcomes, jsonb_build_object('outcome', 'gone'));
        CONTINUE;
      END IF;

      IF v_kind = 'start' THEN
        IF v_run.status = 'pending' THEN
          UPDATE job_runs SET status = 'running', started_at = coalesce(started_at, v_now) WHERE key = v_run.key RETURNING * INTO v_run;
          v_lines := CASE WHEN v_run.announced THEN 1 ELSE 0 END;
        ELSE
          v_outcome := CASE WHEN v_run.status = 'running' THEN 'unchanged' ELSE 'conflict' END;
        END IF;
      ELSIF v_kind = 'finish' THEN
        IF v_run.status IN ('running', 'lost') THEN
          UPDATE job_runs SET status = v_step->>'status', finished_at = coalesce((v_step->>'finished_at')::bigint, v_now),
            exit_code = (v_step->>'exit_code')::int, signal = v_step->>'signal'
          WHERE key = v_run.key RETURNING * INTO v_run;
          v_lines := CASE WHEN v_run.announced THEN 1 ELSE 0 END;
        ELSE
          v_outcome := CASE WHEN v_run.status = v_step->>'status' THEN 'unchanged' ELSE 'conflict' END;
        END IF;
      ELSIF v_kind = 'heartbeat' THEN
        IF v_run.status IN ('completed', 'failed', 'canceled') THEN
          v_outcome := 'conflict';
        ELSE
          UPDATE job_runs SET last_heartbeat_at = v_now,
            status = CASE status WHEN 'lost' THEN 'running' ELSE status END,
            finished_at = CASE status WHEN 'lost' THEN NULL ELSE finished_at END
          WHERE key = v_run.key;
          v_outcome := CASE WHEN v_run.status = 'lost' THEN 'done' ELSE 'unchanged' END;
          SELECT * INTO v_run FROM job_runs WHERE key = v_run.key;
        END IF;
      ELSIF v_kind = 'lose' THEN
        IF v_run.status = 'running' AND v_run.last_heartbeat_at <= (v_step->>'silent_since')::bigint THEN
          UPDATE job_runs SET status = 'lost', finished_at = v_run.last_heartbeat_at WHERE key = v_run.key RETURNING * INTO v_run;
        ELSE
          v_outcome := 'unchanged';
        END IF;
      ELSE
        RAISE EXCEPTION 'unknown step %', v_kind;
      END IF;
    END IF;

    IF v_outcome <> 'done' THEN
      v_outcomes := array_append(v_outcomes, jsonb_build_object('outcome', v_outcome, 'run_key', v_run.key, 'id', v_run.id,
        'status', v_run.status, 'job_name', v_run.job_name));
      CONTINUE;
    END IF;

    IF v_lines > 0 THEN
      UPDATE job_runs SET
        status = CASE status WHEN 'lost' THEN 'running' ELSE status END,
        finished_at = CASE status WHEN 'lost' THEN NULL ELSE finished_at END,
        last_line = last_line + v_lines,
        byte_count = byte_count + (v_step->>'bytes')::bigint,
        info_count = info_count + (v_step->>'info')::int,
        error_count = error_count + (v_step->>'error')::int,
        warn_count = warn_count + (v_step->>'warn')::int,
        debug_count = debug_count + (v_step->>'debug')::int,
        masked_count = masked_count + (v_step->>'masked')::int,
        replaced_count = replaced_count + (v_step->>'replaced')::int,
        last_heartbeat_at = CASE WHEN heartbeat_seconds IS NULL THEN NULL ELSE v_now END
      WHERE key = v_run.key RETURNING * INTO v_run;
      IF NOT FOUND THEN
        v_outcomes := array_append(v_outcomes, jsonb_build_object('outcome', 'gone'));
        CONTINUE;
      END IF;
      v_first := v_run.last_line + 1 - v_lines;

      INSERT INTO log_chunks (run_key, first_line, line_count, min_at, max_at, facets, text_bytes, codec, attrs, body, marks)
      SELECT v_run.key, v_first + c.o, c.n, c.min, c.max, c.facets, c.text, c.codec,
             substring(p_blob FROM c.at + 1 FOR c.attrs), substring(p_blob FROM c.at + c.attrs + 1 FOR c.body),
             CASE WHEN c.marks > 0 THEN substring(p_blob FROM c.at + c.attrs + c.body + 1 FOR c.marks) END
      FROM jsonb_to_recordset(v_step->'chunks')
        AS c(o int, n int, min bigint, max bigint, facets jsonb, text int, codec smallint, at int, attrs int, body int, marks int);

      IF jsonb_array_length(v_step->'tasks') > 0 THEN
        UPDATE task_runs t SET
          info_count = t.info_count + c.info, error_count = t.error_count + c.error,
          warn_count = t.warn_count + c.warn, debug_count = t.debug_count + c.debug
        FROM jsonb_to_recordset(v_step->'tasks') AS c(key bigint, info int, error int, warn int, debug int)
        WHERE t.key = c.key;
      END IF;
    ELSE
      v_first := v_run.last_line + 1;
    END IF;
    IF v_run.status NOT IN ('pending', 'running') THEN
      UPDATE job_runs SET ends = ends + 1 WHERE key = v_run.key RETURNING * INTO v_run;
      v_end := jsonb_strip_nulls(jsonb_build_object('number', v_run.ends, 'status', v_run.status,
        'exit_code', v_run.exit_code, 'signal', v_run.signal, 'finished_at', v_run.finished_at));
    END IF;
    v_position := nextval('log_position');
    INSERT INTO log_appends (position, run_key, first_line, line_count, at, status, run_end)
    VALUES (v_position, v_run.key, v_first, v_lines, v_now, v_run.status, v_end);
    v_outcomes := array_append(v_outcomes, jsonb_build_object('outcome', 'done', 'run_key', v_run.key, 'id', v_run.id,
      'position', v_position, 'first_line', v_first, 'line_count', v_lines, 'status', v_run.status, 'run_end', v_end));
  END LOOP;

  IF p_sources <> '[]' THEN
    INSERT INTO producers (source, next_position, last_seen)
    SELECT s.source, s.next, v_now FROM jsonb_to_recordset(p_sources) AS s(source uuid, next bigint)
    ON CONFLICT (source) DO UPDATE SET next_position = excluded.next_position, last_seen = excluded.last_seen;
  END IF;

  RETURN jsonb_build_object('outcomes', to_jsonb(v_outcomes), 'previous', v_previous, 'position', v_position, 'at', v_now);
END
$$;
