-- Removes a run's oldest chunks, at most p_chunks of those that end below line p_before, and lowers its counters by what they held.
-- Gives how many chunks and lines went. A run that is pinned, gone, or was merged at the same time: serialization_failure, and nothing went.
-- The append's lock comes last, because the chunks are deleted without it: an append waits for the counters alone.
CREATE FUNCTION stratal_truncate(p_run bigint, p_before bigint, p_chunks int)
RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_chunks int;
  v_lines bigint;
  v_first bigint;
  v_next bigint;
  v_facets jsonb;
  v_run job_runs%ROWTYPE;
BEGIN
  WITH gone AS (
    DELETE FROM log_chunks WHERE run_key = p_run AND first_line IN (
      SELECT first_line FROM log_chunks WHERE run_key = p_run AND first_line + line_count <= p_before
      ORDER BY first_line LIMIT p_chunks)
    RETURNING first_line, line_count, facets
  ), counts AS (
    SELECT (f->>0)::bigint AS task, (f->>2)::int AS level, sum((f->>3)::bigint) AS lines
    FROM gone, jsonb_array_elements(gone.facets) AS f GROUP BY 1, 2
  )
  SELECT count(*), coalesce(sum(line_count), 0), min(first_line), max(first_line + line_count),
    (SELECT coalesce(jsonb_agg(to_jsonb(counts)), '[]') FROM counts)
  INTO v_chunks, v_lines, v_first, v_next, v_facets FROM gone;
  IF v_chunks = 0 THEN
    RETURN jsonb_build_object('chunks', 0, 'lines', 0);
  END IF;

  PERFORM pg_advisory_xact_lock(7310010);
  SELECT * INTO v_run FROM job_runs WHERE key = p_run FOR UPDATE;
  -- A merge that took chunks away at the same time leaves a hole; all of this is undone then, and done at the next pass.
  IF NOT FOUND OR v_run.pinned OR v_run.first_line <> v_first OR v_next - v_first <> v_lines THEN
    RAISE EXCEPTION 'run % changed while its oldest lines were removed', p_run USING ERRCODE = 'serialization_failure';
  END IF;

  UPDATE job_runs r SET first_line = v_next,
    info_count = r.info_count - c.info, error_count = r.error_count - c.error,
    warn_count = r.warn_count - c.warn, debug_count = r.debug_count - c.debug
  FROM (
    SELECT coalesce(sum(lines) FILTER (WHERE level = 0), 0) AS info, coalesce(sum(lines) FILTER (WHERE level = 1), 0) AS error,
      coalesce(sum(lines) FILTER (WHERE level = 2), 0) AS warn, coalesce(sum(lines) FILTER (WHERE level = 3), 0) AS debug
    FROM jsonb_to_recordset(v_facets) AS f(level int, lines bigint)
  ) AS c
  WHERE r.key = p_run;

  UPDATE task_runs t SET
    info_count = t.info_count - c.info, error_count = t.error_count - c.error,
    warn_count = t.warn_count - c.warn, debug_count = t.debug_count - c.debug
  FROM (
    SELECT task, coalesce(sum(lines) FILTER (WHERE level = 0), 0) AS info, coalesce(sum(lines) FILTER (WHERE level = 1), 0) AS error,
      coalesce(sum(lines) FILTER (WHERE level = 2), 0) AS warn, coalesce(sum(lines) FILTER (WHERE level = 3), 0) AS debug
    FROM jsonb_to_recordset(v_facets) AS f(task bigint, level int, lines bigint) WHERE task <> 0 GROUP BY task
  ) AS c
  WHERE t.key = c.task;
  RETURN jsonb_build_object('chunks', v_chunks, 'lines', v_lines);
END
$$;--> statement-breakpoint

-- Removes the row and the tasks of an ended run that has no chunk left; false where it has some, is pinned, or runs again.
CREATE FUNCTION stratal_expire(p_run bigint) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7310010);
  DELETE FROM job_runs WHERE key = p_run AND NOT pinned AND status NOT IN ('pending', 'running')
    AND NOT EXISTS (SELECT FROM log_chunks c WHERE c.run_key = p_run);
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  DELETE FROM task_runs WHERE run_key = p_run;
  RETURN true;
END
$$;
