-- What the trimmed entries of the journal were, so that a check knows what cannot be among them without trusting that the clock went forward:
-- the latest time and the newest run of any. Of entries that were trimmed before, nothing is known but that they were made by now.
ALTER TABLE "store_meta" ADD COLUMN "trimmed_until" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "store_meta" ADD COLUMN "trimmed_run" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
UPDATE store_meta SET
  trimmed_until = greatest(stratal_now(), (SELECT max(last_seen) FROM producers)),
  trimmed_run = (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM job_runs_key_seq)
WHERE trimmed_through > 0;
