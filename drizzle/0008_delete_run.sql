-- Removes the row and the tasks of a run; gives its key, or null where there is none. Takes the append's lock: an append that is under way
-- sees the run until the deletion is committed, and would count its producer forward for lines that are stored nowhere.
CREATE FUNCTION stratal_delete(p_id text) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_run bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(7310010);
  DELETE FROM job_runs WHERE id = p_id RETURNING key INTO v_run;
  DELETE FROM task_runs WHERE run_key = v_run;
  RETURN v_run;
END
$$;
