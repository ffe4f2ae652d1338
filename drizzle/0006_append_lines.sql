-- stratal_append for the most common group by far: lines of one running run, in one chunk, of at most one task, from at most one
-- producer. Whatever else is the case is found by its statements themselves; then nothing is changed, o_position is null, and the
-- caller takes stratal_append. A line that is posted alone waits for little else than this, so it has no statement and no conversion
-- more than it needs.
CREATE FUNCTION stratal_append_lines(
  p_source uuid, p_expected bigint, p_next bigint, p_run bigint, p_task bigint, p_lines int, p_bytes bigint,
  p_info int, p_error int, p_warn int, p_debug int, p_masked int, p_replaced int,
  p_min bigint, p_max bigint, p_facets jsonb, p_text int, p_codec smallint, p_attrs bytea, p_body bytea, p_marks bytea,
  OUT o_last bigint, OUT o_previous bigint, OUT o_position bigint, OUT o_at bigint
) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7310010);
  IF p_source IS NOT NULL THEN
    IF coalesce((SELECT next_position FROM producers WHERE source = p_source), 0) <> p_expected THEN
      RETURN;
    END IF;
  END IF;

  o_at := stratal_now();
  UPDATE job_runs SET
    status = 'running',
    finished_at = CASE status WHEN 'lost' THEN NULL ELSE finished_at END,
    last_line = last_line + p_lines,
    byte_count = byte_count + p_bytes,
    info_count = info_count + p_info,
    error_count = error_count + p_error,
    warn_count = warn_count + p_warn,
    debug_count = debug_count + p_debug,
    masked_count = masked_count + p_masked,
    replaced_count = replaced_count + p_replaced,
    last_heartbeat_at = CASE WHEN heartbeat_seconds IS NULL THEN NULL ELSE o_at END
  WHERE key = p_run AND status IN ('running', 'lost') RETURNING last_line INTO o_last;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  INSERT INTO log_chunks (run_key, first_line, line_count, min_at, max_at, facets, text_bytes, codec, attrs, body, marks)
  VALUES (p_run, o_last + 1 - p_lines, p_lines, p_min, p_max, p_facets, p_text, p_codec, p_attrs, p_body, p_marks);

  IF p_task IS NOT NULL THEN
    UPDATE task_runs SET info_count = info_count + p_info, error_count = error_count + p_error,
      warn_count = warn_count + p_warn, debug_count = debug_count + p_debug
    WHERE key = p_task;
  END IF;

  o_previous := coalesce(pg_sequence_last_value('log_position'), 0);
  o_position := nextval('log_position');
  INSERT INTO log_appends (position, run_key, first_line, line_count, at, status)
  VALUES (o_position, p_run, o_last + 1 - p_lines, p_lines, o_at, 'running');

  IF p_source IS NOT NULL THEN
    INSERT INTO producers (source, next_position, last_seen) VALUES (p_source, p_next, o_at)
    ON CONFLICT (source) DO UPDATE SET next_position = excluded.next_position, last_seen = excluded.last_seen;
  END IF;
END
$$;
