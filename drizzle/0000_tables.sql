CREATE SEQUENCE "public"."log_position" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "job_runs" (
	"key" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "job_runs_key_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"id" text NOT NULL,
	"job_name" text NOT NULL,
	"status" text NOT NULL,
	"announced" boolean DEFAULT false NOT NULL,
	"created_at" bigint NOT NULL,
	"started_at" bigint,
	"finished_at" bigint,
	"exit_code" integer,
	"signal" text,
	"triggered_by" text,
	"metadata" jsonb,
	"heartbeat_seconds" integer,
	"last_heartbeat_at" bigint,
	"first_line" bigint DEFAULT 1 NOT NULL,
	"last_line" bigint DEFAULT 0 NOT NULL,
	"ends" integer DEFAULT 0 NOT NULL,
	"byte_count" bigint DEFAULT 0 NOT NULL,
	"info_count" bigint DEFAULT 0 NOT NULL,
	"error_count" bigint DEFAULT 0 NOT NULL,
	"warn_count" bigint DEFAULT 0 NOT NULL,
	"debug_count" bigint DEFAULT 0 NOT NULL,
	"masked_count" bigint DEFAULT 0 NOT NULL,
	"replaced_count" bigint DEFAULT 0 NOT NULL,
	"pinned" boolean DEFAULT false NOT NULL,
	CONSTRAINT "job_runs_id_unique" UNIQUE("id")
);
--> statement-breakpoint
CREATE TABLE "leases" (
	"name" text PRIMARY KEY NOT NULL,
	"holder" uuid NOT NULL,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "log_appends" (
	"position" bigint PRIMARY KEY NOT NULL,
	"run_key" bigint NOT NULL,
	"first_line" bigint NOT NULL,
	"line_count" integer NOT NULL,
	"at" bigint NOT NULL,
	"status" text NOT NULL,
	"run_end" jsonb
);
--> statement-breakpoint
CREATE TABLE "log_chunks" (
	"run_key" bigint NOT NULL,
	"first_line" bigint NOT NULL,
	"line_count" integer NOT NULL,
	"min_at" bigint NOT NULL,
	"max_at" bigint NOT NULL,
	"facets" jsonb NOT NULL,
	"text_bytes" integer NOT NULL,
	"codec" smallint NOT NULL,
	"attrs" "bytea" NOT NULL,
	"body" "bytea" NOT NULL,
	CONSTRAINT "log_chunks_run_key_first_line_pk" PRIMARY KEY("run_key","first_line")
);
--> statement-breakpoint
CREATE TABLE "producers" (
	"source" uuid PRIMARY KEY NOT NULL,
	"next_position" bigint NOT NULL,
	"last_seen" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "store_meta" (
	"id" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"epoch" text NOT NULL,
	"trimmed_through" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "store_meta_one_row" CHECK ("store_meta"."id" = 1)
);
--> statement-breakpoint
CREATE TABLE "task_runs" (
	"key" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "task_runs_key_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"id" text NOT NULL,
	"run_key" bigint NOT NULL,
	"task_name" text NOT NULL,
	"attempt" integer NOT NULL,
	"status" text NOT NULL,
	"created_at" bigint NOT NULL,
	"started_at" bigint,
	"finished_at" bigint,
	"exit_code" integer,
	"signal" text,
	"info_count" bigint DEFAULT 0 NOT NULL,
	"error_count" bigint DEFAULT 0 NOT NULL,
	"warn_count" bigint DEFAULT 0 NOT NULL,
	"debug_count" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "task_runs_id_unique" UNIQUE("id")
);
--> statement-breakpoint
CREATE INDEX "job_runs_newest" ON "job_runs" USING btree (coalesce("started_at", "created_at") desc,"key" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "job_runs_heartbeat" ON "job_runs" USING btree ("key") WHERE status = 'running' and heartbeat_seconds is not null;--> statement-breakpoint
CREATE INDEX "log_appends_at" ON "log_appends" USING brin ("at");--> statement-breakpoint
CREATE UNIQUE INDEX "task_runs_attempt" ON "task_runs" USING btree ("run_key","task_name","attempt");