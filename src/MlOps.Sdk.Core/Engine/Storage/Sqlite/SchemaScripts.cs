namespace MlOps.Sdk.Storage;

/// <summary>
/// The steps of the schema, in order. A published step is never changed; a new one only adds.
/// Times are UTC ticks (100 ns since year 1), durations are ticks, NaN is NULL. Numbers give the order, times do not: clocks are set back.
/// </summary>
internal static class SchemaScripts
{
    public static readonly IReadOnlyList<SchemaScript> All =
    [
        new(1, 1, First), new(2, 1, Attempts), new(3, 1, Order), new(4, 1, Contracts), new(5, 1, Traffic), new(6, 1, Rollouts),
        new(7, 1, Shadows), new(8, 1, Alerting), new(9, 1, Generations), new(10, 1, Windows), new(11, 1, CallMarks),
        new(12, 1, LargestErrors), new(13, 1, Leases), new(14, 1, Identity), new(15, 1, Experiments),
        new(16, 1, Approvals), new(17, 1, SearchTrials), new(18, 1, Catalog), new(19, 1, Workflow),
    ];

    public static int Latest => All[^1].Number;

    private const string First = """
        CREATE TABLE schema_version(number INTEGER PRIMARY KEY, minimum_reader INTEGER NOT NULL, applied_at INTEGER NOT NULL);

        CREATE TABLE artifact_refs(
            owner_kind TEXT NOT NULL, owner_id TEXT NOT NULL, artifact TEXT NOT NULL,
            PRIMARY KEY (owner_kind, owner_id, artifact)) WITHOUT ROWID;
        CREATE INDEX artifact_refs_by_artifact ON artifact_refs(artifact);

        CREATE TABLE audit(
            seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
            subject TEXT NOT NULL, details TEXT NOT NULL, hash TEXT NOT NULL);
        CREATE INDEX audit_by_subject ON audit(subject, seq);
        CREATE TABLE audit_head(one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, hash TEXT NOT NULL);
        CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
        CREATE TRIGGER audit_never_shrinks BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

        CREATE TABLE runs(
            no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, lifecycle TEXT NOT NULL, state TEXT NOT NULL,
            started_at INTEGER NOT NULL, ended_at INTEGER, seed INTEGER NOT NULL, cause TEXT NOT NULL, parent_run TEXT, error TEXT,
            owner_token TEXT NOT NULL, owner_machine TEXT NOT NULL, owner_process INTEGER NOT NULL,
            owner_started INTEGER NOT NULL, lease_until INTEGER NOT NULL);
        CREATE INDEX runs_by_lifecycle ON runs(lifecycle, started_at);
        CREATE INDEX runs_by_start ON runs(started_at);

        CREATE TABLE run_stages(
            run INTEGER NOT NULL REFERENCES runs(no) ON DELETE CASCADE, stage INTEGER NOT NULL, state TEXT NOT NULL,
            fingerprint TEXT, reason TEXT, started_at INTEGER, elapsed INTEGER, error TEXT, outputs TEXT,
            PRIMARY KEY (run, stage)) WITHOUT ROWID;

        CREATE TABLE run_parameters(
            run INTEGER NOT NULL REFERENCES runs(no) ON DELETE CASCADE, name TEXT NOT NULL, value TEXT NOT NULL,
            PRIMARY KEY (run, name)) WITHOUT ROWID;

        CREATE TABLE metric_names(no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE run_metrics(
            run INTEGER NOT NULL, metric INTEGER NOT NULL, step INTEGER NOT NULL, value REAL, at INTEGER NOT NULL,
            PRIMARY KEY (run, metric, step)) WITHOUT ROWID;
        CREATE TABLE run_metrics_last(
            run INTEGER NOT NULL, metric INTEGER NOT NULL, step INTEGER NOT NULL, value REAL,
            PRIMARY KEY (run, metric)) WITHOUT ROWID;
        CREATE INDEX run_metrics_best ON run_metrics_last(metric, value, run);

        CREATE TABLE stage_results(
            no INTEGER PRIMARY KEY, lifecycle TEXT NOT NULL, stage INTEGER NOT NULL, fingerprint TEXT NOT NULL,
            run_id TEXT NOT NULL, outputs TEXT NOT NULL, inputs TEXT NOT NULL, saved_at INTEGER NOT NULL,
            UNIQUE (lifecycle, stage, fingerprint));
        CREATE INDEX stage_results_by_time ON stage_results(lifecycle, stage, saved_at);

        CREATE TABLE holdout_looks(
            no INTEGER PRIMARY KEY, lifecycle TEXT NOT NULL, run_id TEXT NOT NULL, purpose TEXT NOT NULL,
            rows_hash TEXT NOT NULL, row_count INTEGER NOT NULL, at INTEGER NOT NULL);
        CREATE INDEX holdout_looks_by_lifecycle ON holdout_looks(lifecycle, no);

        CREATE TABLE model_versions(
            no INTEGER PRIMARY KEY, model TEXT NOT NULL, version INTEGER NOT NULL, package TEXT NOT NULL, content_hash TEXT NOT NULL,
            run_id TEXT, created_at INTEGER NOT NULL, metrics TEXT NOT NULL, description TEXT, idempotency_key TEXT,
            UNIQUE (model, version), UNIQUE (model, idempotency_key));
        CREATE INDEX model_versions_by_content ON model_versions(model, content_hash, run_id);

        CREATE TABLE blessings(
            no INTEGER PRIMARY KEY, model TEXT NOT NULL, version INTEGER NOT NULL, content_hash TEXT NOT NULL,
            issued_at INTEGER NOT NULL, actor TEXT NOT NULL, gates TEXT NOT NULL,
            FOREIGN KEY (model, version) REFERENCES model_versions(model, version));
        CREATE INDEX blessings_by_version ON blessings(model, version, no);

        CREATE TABLE aliases(
            model TEXT NOT NULL, alias TEXT NOT NULL, version INTEGER NOT NULL, updated_at INTEGER NOT NULL,
            PRIMARY KEY (model, alias), FOREIGN KEY (model, version) REFERENCES model_versions(model, version)) WITHOUT ROWID;
        CREATE TABLE alias_history(
            no INTEGER PRIMARY KEY, model TEXT NOT NULL, alias TEXT NOT NULL, version INTEGER NOT NULL, previous INTEGER,
            at INTEGER NOT NULL, actor TEXT NOT NULL, reason TEXT NOT NULL);
        CREATE INDEX alias_history_by_alias ON alias_history(model, alias, no);
        CREATE TABLE desired_routes(
            model TEXT NOT NULL, alias TEXT NOT NULL, version INTEGER NOT NULL, package TEXT NOT NULL, content_hash TEXT NOT NULL,
            generation INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (model, alias)) WITHOUT ROWID;

        CREATE TABLE predictions(
            no INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, model TEXT NOT NULL, version INTEGER NOT NULL,
            at INTEGER NOT NULL, row BLOB NOT NULL, score REAL, scores BLOB NOT NULL, decision INTEGER, UNIQUE (model, id));
        CREATE INDEX predictions_by_model ON predictions(model, no);
        CREATE INDEX predictions_by_time ON predictions(model, at);
        CREATE TABLE labels(
            no INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, prediction TEXT NOT NULL, label TEXT NOT NULL, at INTEGER NOT NULL,
            changes INTEGER NOT NULL DEFAULT 0, UNIQUE (model, prediction));
        CREATE INDEX labels_by_model ON labels(model, no);

        CREATE TABLE verdicts(
            no INTEGER PRIMARY KEY, model TEXT NOT NULL, version INTEGER NOT NULL, at INTEGER NOT NULL,
            window_start INTEGER NOT NULL, window_end INTEGER NOT NULL, report TEXT NOT NULL, artifact TEXT);
        CREATE INDEX verdicts_by_model ON verdicts(model, no);
        CREATE TABLE alerts(
            id TEXT PRIMARY KEY, model TEXT NOT NULL, at INTEGER NOT NULL, severity TEXT NOT NULL, signal TEXT NOT NULL,
            message TEXT NOT NULL, state TEXT NOT NULL) WITHOUT ROWID;
        CREATE INDEX alerts_by_model ON alerts(model, at);
        CREATE TABLE retraining_triggers(
            no INTEGER PRIMARY KEY, model TEXT NOT NULL, at INTEGER NOT NULL, signal TEXT NOT NULL, run_id TEXT, outcome TEXT);
        CREATE INDEX retraining_triggers_by_model ON retraining_triggers(model, at);
        """;

    // By triggers, so that the version before, which knows nothing of the numbers, gives them, too.
    private const string Order = """
        ALTER TABLE runs ADD COLUMN end_no INTEGER;
        UPDATE runs SET end_no = ranked.place FROM (
            SELECT no AS run, row_number() OVER (ORDER BY ended_at, no) AS place FROM runs WHERE ended_at IS NOT NULL) ranked
        WHERE no = ranked.run;
        CREATE INDEX runs_by_end ON runs(end_no);
        CREATE INDEX runs_in_order ON runs(lifecycle, no);
        CREATE TRIGGER runs_number_their_ends AFTER UPDATE OF state ON runs WHEN NEW.state <> 'Running' BEGIN
            UPDATE runs SET end_no = (SELECT coalesce(max(end_no), 0) + 1 FROM runs) WHERE no = NEW.no;
        END;

        ALTER TABLE alerts ADD COLUMN no INTEGER;
        UPDATE alerts SET no = ranked.place FROM (SELECT id AS alert, row_number() OVER (ORDER BY at, id) AS place FROM alerts) ranked
        WHERE id = ranked.alert;
        CREATE INDEX alerts_in_order ON alerts(model, no);
        CREATE INDEX alerts_by_number ON alerts(no);
        CREATE TRIGGER alerts_are_numbered AFTER INSERT ON alerts BEGIN
            UPDATE alerts SET no = (SELECT coalesce(max(no), 0) + 1 FROM alerts) WHERE id = NEW.id;
        END;
        """;

    private const string Contracts = """
        CREATE TABLE host_contracts(
            model TEXT NOT NULL, host TEXT NOT NULL, types TEXT NOT NULL, contract TEXT NOT NULL, expires_at INTEGER NOT NULL,
            PRIMARY KEY (model, host, types)) WITHOUT ROWID;
        """;

    private const string Traffic = """
        CREATE TABLE traffic(
            no INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, arms TEXT NOT NULL, at INTEGER NOT NULL,
            actor TEXT NOT NULL, reason TEXT NOT NULL);
        CREATE INDEX traffic_by_model ON traffic(model, no);
        """;

    private const string Rollouts = """
        CREATE TABLE rollouts(
            no INTEGER PRIMARY KEY AUTOINCREMENT, rollout INTEGER NOT NULL, model TEXT NOT NULL, version INTEGER NOT NULL,
            live INTEGER NOT NULL, strategy TEXT NOT NULL, state TEXT NOT NULL, share REAL NOT NULL, started_at INTEGER NOT NULL,
            at INTEGER NOT NULL, position INTEGER NOT NULL, actor TEXT NOT NULL, reason TEXT NOT NULL, findings TEXT NOT NULL);
        CREATE INDEX rollouts_by_model ON rollouts(model, no);
        CREATE INDEX rollouts_by_rollout ON rollouts(rollout, no);
        CREATE TABLE served_calls(
            model TEXT NOT NULL, version INTEGER NOT NULL, owner TEXT NOT NULL, start INTEGER NOT NULL, counts BLOB NOT NULL,
            PRIMARY KEY (model, version, owner, start)) WITHOUT ROWID;
        CREATE INDEX served_calls_by_start ON served_calls(model, start);
        """;

    // Shadows beside the arms: the version before would let them answer.
    private const string Shadows = """
        CREATE TABLE stops(
            no INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, stopped INTEGER NOT NULL, at INTEGER NOT NULL,
            actor TEXT NOT NULL, reason TEXT NOT NULL);
        CREATE INDEX stops_by_model ON stops(model, no);

        CREATE TABLE fallbacks(
            no INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, fallback TEXT NOT NULL, at INTEGER NOT NULL,
            actor TEXT NOT NULL, reason TEXT NOT NULL);
        CREATE INDEX fallbacks_by_model ON fallbacks(model, no);

        ALTER TABLE traffic ADD COLUMN shadows TEXT NOT NULL DEFAULT '[]';
        CREATE TABLE shadow_answers(
            no INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL,
            arm TEXT NOT NULL, live_version INTEGER NOT NULL, shadow_version INTEGER NOT NULL, live_score REAL NOT NULL,
            shadow_score REAL, live_label TEXT, shadow_label TEXT, latency INTEGER NOT NULL, error TEXT);
        CREATE INDEX shadow_answers_by_model ON shadow_answers(model, no);
        CREATE TABLE shadow_drops(
            model TEXT NOT NULL, shadow_version INTEGER NOT NULL, dropped INTEGER NOT NULL,
            PRIMARY KEY (model, shadow_version)) WITHOUT ROWID;
        """;

    private const string Alerting = """
        CREATE TABLE schedules(
            model TEXT NOT NULL, schedule TEXT NOT NULL, position INTEGER NOT NULL, last_due INTEGER, replaced INTEGER NOT NULL,
            PRIMARY KEY (model, schedule)) WITHOUT ROWID;

        ALTER TABLE alerts ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE alerts ADD COLUMN status TEXT NOT NULL DEFAULT 'Open';
        ALTER TABLE alerts ADD COLUMN subjects TEXT NOT NULL DEFAULT '[]';
        ALTER TABLE alerts ADD COLUMN open_subjects TEXT NOT NULL DEFAULT '[]';
        ALTER TABLE alerts ADD COLUMN failure TEXT;
        ALTER TABLE alerts ADD COLUMN acknowledged_at INTEGER;
        ALTER TABLE alerts ADD COLUMN acknowledged_by TEXT;
        ALTER TABLE alerts ADD COLUMN acknowledged_why TEXT;
        ALTER TABLE alerts ADD COLUMN ended_at INTEGER;
        ALTER TABLE alerts ADD COLUMN ended_by TEXT;
        ALTER TABLE alerts ADD COLUMN ended_why TEXT;
        UPDATE alerts SET status = 'Resolved', ended_at = at, ended_by = 'monitor',
            ended_why = 'it is of an earlier version of the library';
        CREATE INDEX alerts_by_status ON alerts(model, status);
        CREATE TABLE alert_mutes(
            no INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, signal TEXT, subject TEXT, at INTEGER NOT NULL, until INTEGER,
            actor TEXT NOT NULL, reason TEXT NOT NULL, ended_at INTEGER);
        CREATE INDEX alert_mutes_by_model ON alert_mutes(model, no);
        """;

    // What was stored before belongs to the first generation.
    private const string Generations = """
        ALTER TABLE predictions ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE served_calls ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE rollouts ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
        """;

    private const string Windows = """
        CREATE TABLE monitored_models(
            model TEXT PRIMARY KEY, windows TEXT NOT NULL, checker TEXT, checked_until INTEGER) WITHOUT ROWID;
        CREATE TABLE monitoring_panes(
            no INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, windows TEXT NOT NULL, key INTEGER NOT NULL,
            version INTEGER NOT NULL, owner TEXT NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, rows INTEGER NOT NULL,
            marks TEXT NOT NULL, stored_at INTEGER NOT NULL, sealed INTEGER NOT NULL, profiles BLOB NOT NULL);
        CREATE INDEX monitoring_panes_by_model ON monitoring_panes(model, stored_at);
        CREATE TABLE window_progress(
            model TEXT NOT NULL, windows TEXT NOT NULL, version INTEGER NOT NULL, counted INTEGER NOT NULL DEFAULT 0, judged INTEGER,
            newest INTEGER, late INTEGER NOT NULL DEFAULT 0, untimed INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (model, windows, version)) WITHOUT ROWID;

        ALTER TABLE predictions ADD COLUMN pane INTEGER;
        ALTER TABLE verdicts ADD COLUMN marks TEXT;
        ALTER TABLE verdicts ADD COLUMN is_complete INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX verdicts_of_windows ON verdicts(model, version, no) WHERE marks IS NOT NULL;
        CREATE INDEX verdicts_that_ended ON verdicts(model, no) WHERE is_complete = 1;
        """;

    private const string CallMarks = """
        CREATE TABLE call_marks(
            model TEXT NOT NULL, at INTEGER NOT NULL, version INTEGER NOT NULL, counts BLOB NOT NULL,
            PRIMARY KEY (model, at, version)) WITHOUT ROWID;
        """;

    private const string LargestErrors = "ALTER TABLE rollouts ADD COLUMN largest_error REAL;";

    private const string Leases = """
        CREATE TABLE leases(name TEXT PRIMARY KEY, holder TEXT NOT NULL, held_until INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE event_cursors(name TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
        """;

    // Drawn once, by whoever brings the schema here first; a copy of the folder has the same.
    private const string Identity = """
        CREATE TABLE workspace(one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL);
        INSERT INTO workspace(one, id) VALUES (1, lower(hex(randomblob(16))));
        """;

    // Texts that are not numbers stay texts in a column of numbers, and are taken out again.
    private const string Experiments = """
        ALTER TABLE runs ADD COLUMN kind TEXT NOT NULL DEFAULT 'Lifecycle';
        ALTER TABLE runs ADD COLUMN environment INTEGER;
        CREATE INDEX runs_by_parent ON runs(parent_run, no);
        CREATE TABLE environments(no INTEGER PRIMARY KEY, facts TEXT NOT NULL UNIQUE);

        ALTER TABLE run_parameters ADD COLUMN number REAL;
        UPDATE run_parameters SET number = value;
        UPDATE run_parameters SET number = NULL WHERE typeof(number) = 'text';
        CREATE INDEX run_parameters_by_value ON run_parameters(name, value, run);
        CREATE INDEX run_parameters_by_number ON run_parameters(name, number, run);

        CREATE TABLE run_tags(
            run INTEGER NOT NULL REFERENCES runs(no) ON DELETE CASCADE, name TEXT NOT NULL, value TEXT NOT NULL,
            PRIMARY KEY (run, name)) WITHOUT ROWID;
        CREATE INDEX run_tags_by_value ON run_tags(name, value, run);
        CREATE TABLE run_notes(
            no INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL REFERENCES runs(no) ON DELETE CASCADE,
            at INTEGER NOT NULL, actor TEXT NOT NULL, text TEXT NOT NULL);
        CREATE INDEX run_notes_by_run ON run_notes(run, no);
        CREATE TABLE run_artifacts(
            run INTEGER NOT NULL REFERENCES runs(no) ON DELETE CASCADE, name TEXT NOT NULL, artifact TEXT NOT NULL,
            length INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (run, name)) WITHOUT ROWID;
        CREATE TABLE run_datasets(
            run INTEGER NOT NULL REFERENCES runs(no) ON DELETE CASCADE, name TEXT NOT NULL, role TEXT NOT NULL,
            rows INTEGER NOT NULL, hash TEXT NOT NULL, columns TEXT NOT NULL, PRIMARY KEY (run, name, role)) WITHOUT ROWID;
        """;

    // Whose results a run took has its parent, too: for the version before, which does not read on behind such a run.
    private const string Workflow = """
        ALTER TABLE runs ADD COLUMN results_of TEXT;
        ALTER TABLE runs ADD COLUMN from_stage INTEGER;
        CREATE INDEX runs_at_work ON runs(lifecycle) WHERE state = 'Running';
        CREATE TABLE waiting_starts(
            no INTEGER PRIMARY KEY AUTOINCREMENT, lifecycle TEXT NOT NULL, since INTEGER NOT NULL, owner_token TEXT NOT NULL,
            owner_machine TEXT NOT NULL, owner_process INTEGER NOT NULL, owner_started INTEGER NOT NULL, lease_until INTEGER NOT NULL);
        CREATE INDEX waiting_starts_by_lifecycle ON waiting_starts(lifecycle, no);
        CREATE TABLE run_log(
            run INTEGER NOT NULL REFERENCES runs(no) ON DELETE CASCADE, no INTEGER NOT NULL, at INTEGER NOT NULL, level INTEGER NOT NULL,
            event INTEGER NOT NULL, event_name TEXT, category TEXT NOT NULL, stage INTEGER, message TEXT NOT NULL, exception_type TEXT,
            exception TEXT, size INTEGER NOT NULL, PRIMARY KEY (run, no));
        CREATE TABLE run_log_drops(
            run INTEGER PRIMARY KEY REFERENCES runs(no) ON DELETE CASCADE, dropped INTEGER NOT NULL);
        """;

    private const string Approvals = """
        CREATE TABLE approval_policies(
            no INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, policy TEXT NOT NULL, at INTEGER NOT NULL,
            actor TEXT NOT NULL, reason TEXT NOT NULL);
        CREATE INDEX approval_policies_by_model ON approval_policies(model, no);
        CREATE TABLE approvals(
            no INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, version INTEGER NOT NULL, content_hash TEXT NOT NULL,
            kind TEXT NOT NULL, live INTEGER, requester TEXT NOT NULL, requester_id TEXT NOT NULL, authors TEXT NOT NULL,
            policy TEXT NOT NULL, afterwards TEXT, run TEXT, release TEXT, requested_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
            reason TEXT NOT NULL);
        CREATE INDEX approvals_by_run ON approvals(run, no);
        CREATE INDEX approvals_by_model ON approvals(model, no);
        CREATE TABLE approval_decisions(
            no INTEGER PRIMARY KEY AUTOINCREMENT, approval INTEGER NOT NULL REFERENCES approvals(no), decision TEXT NOT NULL,
            actor TEXT NOT NULL, actor_id TEXT NOT NULL, roles TEXT NOT NULL, at INTEGER NOT NULL, reason TEXT NOT NULL);
        CREATE INDEX approval_decisions_by_approval ON approval_decisions(approval, no);
        CREATE TABLE approval_joins(
            no INTEGER PRIMARY KEY AUTOINCREMENT, approval INTEGER NOT NULL REFERENCES approvals(no), run TEXT, live INTEGER,
            actor TEXT NOT NULL, authors TEXT NOT NULL, release TEXT, at INTEGER NOT NULL, leaves INTEGER NOT NULL DEFAULT 0);
        CREATE INDEX approval_joins_by_approval ON approval_joins(approval, no);
        CREATE INDEX approval_joins_by_run ON approval_joins(run, approval);
        CREATE TABLE approval_notices(approval INTEGER NOT NULL, notice INTEGER NOT NULL, PRIMARY KEY (approval, notice)) WITHOUT ROWID;
        """;

    private const string Attempts = "ALTER TABLE retraining_triggers ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;";

    private const string SearchTrials = """
        CREATE TABLE search_trials(
            no INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL REFERENCES runs(no) ON DELETE CASCADE, trial TEXT NOT NULL,
            fingerprint TEXT, result TEXT NOT NULL, scores TEXT, UNIQUE (run, trial));
        CREATE INDEX search_trials_by_fingerprint ON search_trials(fingerprint);
        CREATE INDEX search_trials_with_scores ON search_trials(run) WHERE scores IS NOT NULL;

        CREATE INDEX runs_running ON runs(no) WHERE state = 'Running';
        CREATE INDEX runs_but_trials ON runs(no) WHERE kind IN ('Lifecycle', 'Experiment');
        CREATE INDEX runs_but_trials_of_lifecycle ON runs(lifecycle, no) WHERE kind IN ('Lifecycle', 'Experiment');
        """;

    // Beside the versions and the aliases that serve: the version before compares those with the audit log, and knows nothing of these.
    private const string Catalog = """
        CREATE TABLE registry_changes(
            no INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, version INTEGER NOT NULL, property TEXT NOT NULL,
            name TEXT NOT NULL, value TEXT, previous TEXT, at INTEGER NOT NULL, actor TEXT NOT NULL, reason TEXT NOT NULL);
        CREATE INDEX registry_changes_by_model ON registry_changes(model, no);
        CREATE INDEX registry_changes_by_name ON registry_changes(model, version, property, name, no);
        CREATE TABLE registry_values(
            model TEXT NOT NULL, version INTEGER NOT NULL, property TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
            PRIMARY KEY (model, version, property, name)) WITHOUT ROWID;
        CREATE INDEX registry_values_by_name ON registry_values(property, name, value, model, version);
        """;
}
