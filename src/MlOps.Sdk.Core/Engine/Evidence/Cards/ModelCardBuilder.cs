using MlOps.Sdk.Audit;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Evidence;

/// <summary>Makes a card of what is recorded.</summary>
internal sealed class ModelCardBuilder
{
    // A page cuts what is longer, wherever that is.
    private const int MostLetters = 350;
    private const string TagPrefix = "card.";

    private readonly VersionFacts _facts;
    private readonly List<ModelCardGap> _missing = [];
    private readonly List<SectionWriter> _sections = [];

    private ModelCardBuilder(VersionFacts facts) => _facts = facts;

    public static ModelCard Build(VersionFacts facts, DateTimeOffset now)
    {
        var builder = new ModelCardBuilder(facts);
        builder.WriteDetails();
        builder.WriteIntendedUse();
        builder.WriteFactors();
        builder.WriteMetrics();
        builder.WriteEvaluationData();
        builder.WriteTrainingData();
        builder.WriteAnalyses();
        builder.WriteEthics();
        builder.WriteCaveats();
        builder.WriteMonitoring();
        builder.WriteApprovals();
        builder.WriteProvenance();
        return new ModelCard
        {
            Model = facts.Version.Model,
            Version = facts.Version.Version,
            ContentHash = facts.Version.ContentHash,
            WrittenAt = now.ToUniversalTime(),
            Sections = [.. builder._sections.Select(section => section.Section)],
            Missing = builder._missing,
        };
    }

    private ProblemDefinition? Problem => _facts.Problem;

    private SectionWriter Begin(string title)
    {
        var section = new SectionWriter(title, _missing);
        _sections.Add(section);
        return section;
    }

    // Said of the version, or of the model: SetTagAsync records who said it.
    private string? Tag(string name) =>
        _facts.Version.Tags.GetValueOrDefault(TagPrefix + name) ?? _facts.Model.Tags.GetValueOrDefault(TagPrefix + name);

    private static string TagRemedy(string name) =>
        $"Say it with Models.SetTagAsync(model, \"{TagPrefix}{name}\", …), for a version or for the model.";

    private void WriteDetails()
    {
        var (version, package) = (_facts.Version, _facts.Package);
        Begin("Model details")
            .Fact("model", version.Model)
            .Fact("version", HtmlPage.Count(version.Version))
            .Fact("aliases", Join(_facts.Model.Aliases.Where(alias => alias.Value == version.Version).Select(alias => alias.Key)))
            .Fact("status", Status())
            .Fact("registered", HtmlPage.Moment(version.CreatedAt))
            .Fact("imported", Origin())
            .Fact("archived", version.IsArchived ? "yes" : null)
            .Fact("deleted", version.Deletion is { } gone ? $"{HtmlPage.Moment(gone.At)} by {gone.Actor}: {gone.Reason}" : null)
            .Fact(
                "description",
                version.Description ?? _facts.Model.Description,
                "Neither the version nor the model is described.",
                "Describe one of them with Models.DescribeAsync.")
            .Fact("owner", Problem?.Owner, "Nobody is named who answers for the model.", "Name them with DefineProblem(p => p.Owner(…)).")
            .Fact("contact", Tag("contact"), "It is not said whom to ask.", TagRemedy("contact"))
            .Fact("licence", Tag("licence"))
            .Fact(
                "trainer",
                package?.Facts.Trainer ?? _facts.Training?.Trainer,
                "The trainer is not recorded.",
                "Train the model in a lifecycle, or name it where the model is imported.")
            .Fact("model format", package?.Model?.FormatId ?? package?.RowModel?.FormatId)
            .Fact("size of the package", _facts.PackageSize is { } size ? $"{HtmlPage.Count(size)} bytes" : null)
            .GapIf(
                package is null,
                $"The package cannot be read: {_facts.PackageLoss}",
                "Restore it from a backup; a deleted version has none any more.")
            .Table(
                ["hyperparameter", "value"],
                (package?.Facts.Parameters ?? _facts.Training?.Parameters)?.Select(parameter => (IReadOnlyList<string>)
                    [parameter.Key, parameter.Value.ToString()!]) ?? []);
    }

    private void WriteIntendedUse()
    {
        var costs = Problem?.Costs;
        var section = Begin("Intended use")
            .Fact(
                "objective",
                Problem?.Objective,
                "It is not said what predictions are good for.",
                "Say it with DefineProblem(p => p.Objective(…)).")
            .Fact("intended users", Tag("users"), "The intended users are not named.", TagRemedy("users"))
            .Fact("out of scope", Tag("out-of-scope"), "Uses that are out of scope are not named.", TagRemedy("out-of-scope"))
            .Fact("task", Problem is null ? null : Prose.Words(Problem.Task.ToString()))
            .Fact("label", Problem?.Label)
            .Fact("positive class", Problem?.PositiveClass)
            .Fact(
                "risk",
                Problem?.StatedRisk?.ToString().ToLowerInvariant(),
                "It is not said what risk the use of the model bears.",
                "Say it with DefineProblem(p => p.Risk(…)).")
            .Fact("cost of a false positive", costs is null ? null : HtmlPage.Number(costs.FalsePositive))
            .Fact("cost of a false negative", costs is null ? null : HtmlPage.Number(costs.FalseNegative))
            .Fact("decision threshold", Threshold())
            .Fact(
                "today, without the model",
                Problem?.Baseline,
                "It is not said what is done without the model, and how well.",
                "Say it with DefineProblem(p => p.Baseline(…)).");
        if (Problem is { Task: TaskKind.BinaryClassification } && costs is null)
        {
            section.Gap("What errors cost is not said; all count the same.", "Say it with DefineProblem(p => p.Cost(…)).");
        }
    }

    private void WriteFactors()
    {
        var isNamed = Problem is { ProtectedAttributes.Count: > 0 };
        Begin("Factors")
            .Fact(
                "protected columns",
                isNamed ? Join(Problem!.ProtectedAttributes) : null,
                "No column is named by which nobody may be put at a disadvantage.",
                "Name them with DefineProblem(p => p.Protect(…)), or say in a tag \"card.ethics\" why there is none.")
            .Fact("recorded, not scored", _facts.Features is { Observed.Count: > 0 } features ? Join(features.Observed) : null)
            .WholeTable(
                ["column that the model reads", "type", "use"],
                (_facts.Package?.Graph.Input ?? []).Select(field => (IReadOnlyList<string>)
                    [field.Name, field.Type.ToString().ToLowerInvariant(), UseOf(field.Name)]));
    }

    // Whoever looks for a forbidden column must find it here, whatever the number of columns.
    private string UseOf(string column)
    {
        var use = _facts.Features?.Observed.Contains(column) == true ? "recorded, not scored" : "read";
        return Problem?.ProtectedAttributes.Contains(column) == true ? $"{use}; protected" : use;
    }

    private string Status()
    {
        var (version, moves) = (_facts.Version.Version, _facts.Live);
        var texts = new List<string>();
        for (var i = 0; i < moves.Count; i++)
        {
            if (!IsThis(moves[i]) || (i > 0 && IsThis(moves[i - 1]))) continue;
            var begin = HtmlPage.Moment(moves[i].At);
            if (moves.Skip(i + 1).FirstOrDefault(move => !IsThis(move)) is not { } end)
            {
                texts.Add($"live since {begin}, by {moves[i].Actor}: {moves[i].Reason}");
                continue;
            }
            var how = end.IsRemoval ? "taken back" : $"replaced by version {HtmlPage.Count(end.Version)}";
            texts.Add($"live from {begin} to {HtmlPage.Moment(end.At)}, {how} by {end.Actor}: {end.Reason}");
        }

        return texts.Count == 0 ? "never the live version" : string.Join("; ", texts);

        bool IsThis(AliasChange move) => move.Version == version && !move.IsRemoval;
    }

    // As "workspace/model/version".
    private string? Origin()
    {
        foreach (var entry in _facts.Entries.Where(entry => entry.Action == "model.registered"))
        {
            if (Field(entry.Details, "origin")?.Split('/') is [var workspace, .., var version])
            {
                return $"from workspace {workspace}, where it is version {version}, by {entry.Actor}, {HtmlPage.Moment(entry.At)}";
            }
        }

        return null;
    }

    private void WriteMetrics()
    {
        var metrics = _facts.Deployment?.Holdout ?? _facts.Version.Metrics;
        var section = Begin("Metrics")
            .Fact("metric that was optimized", _facts.Training?.Leaderboard.Metric)
            .Table(
                ["metric", "value", "95 % interval"],
                metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal).Select(metric => (IReadOnlyList<string>)
                    [metric.Key, DeploymentPage.Value(metric.Value), DeploymentPage.Interval(metric.Value)]));
        if (metrics.Count == 0)
        {
            section.Gap("No metric is recorded.", "Define metrics with DefineMetrics, and evaluate the version on a holdout.");
        }
        else
        {
            string[] bare =
            [
                .. metrics.Where(metric => metric.Value is { IsDefined: true, HasInterval: false }).Select(metric => metric.Key),
            ];
            section.GapIf(
                bare.Length > 0,
                $"How certain {Join(bare)} {(bare.Length == 1 ? "is" : "are")} is not known: there is no interval.",
                "Evaluate on a holdout with enough rows of every class.");
        }
    }

    private void WriteEvaluationData()
    {
        var (deployment, processing, package) = (_facts.Deployment, _facts.Processing, _facts.Package);
        Begin("Evaluation data")
            .Fact(
                "rows",
                deployment is not null ? HtmlPage.Count(deployment.HoldoutRows)
                    : processing is not null ? HtmlPage.Count(processing.HoldoutRows) : null,
                "It is not recorded on which rows the version was evaluated.",
                "Split a holdout off with ProcessData(d => d.Split(…)), or give labelled rows where the model is imported.")
            .Fact("snapshot", package?.Facts.HoldoutRows)
            .Table(
                ["class", "rows"],
                Classes(processing is null ? [] : processing.Classes.Select(each => (each.Key, each.Value.Holdout))));
    }

    private void WriteTrainingData()
    {
        var (collection, processing, package) = (_facts.Collection, _facts.Processing, _facts.Package);
        var section = Begin("Training data")
            .Fact(
                "rows",
                processing is not null ? HtmlPage.Count(processing.TrainRows)
                    : package is { Baseline.RowCount: > 0 } ? HtmlPage.Count(package.Baseline.RowCount) : null,
                "The training rows are not recorded.",
                "Train the model in a lifecycle, whose run keeps them.")
            .Fact("snapshot", package?.Facts.TrainingRows)
            .Fact("rows that could not be read", collection is { Malformed: > 0 } ? HtmlPage.Count(collection.Malformed) : null)
            .Fact("rows in quarantine", processing is { QuarantinedRows: > 0 } ? HtmlPage.Count(processing.QuarantinedRows) : null)
            .Fact("rows without a label", processing is { RowsWithoutLabel: > 0 } ? HtmlPage.Count(processing.RowsWithoutLabel) : null)
            .Fact("personal columns", collection is { Personal.Count: > 0 } ? string.Join(" ", collection.Personal) : null)
            .GapIf(collection is null, "Where the rows come from is not recorded.", "Collect them with CollectData in a lifecycle.")
            .GapIf(
                processing is { Expectations.Count: 0 },
                "Nothing was expected of the rows: no expectation was checked.",
                "State expectations with ProcessData(d => d.Expect(…)).")
            .Table(
                ["source", "version", "query", "rows"],
                (collection?.Sources ?? []).Select(source => (IReadOnlyList<string>)
                    [source.Name, source.Version ?? "–", source.Query ?? "all of it", HtmlPage.Count(source.Rows)]))
            .Table(
                ["step", "rows before", "rows after"],
                (processing?.Steps ?? []).Select(step => (IReadOnlyList<string>)
                    [step.Step, HtmlPage.Count(step.RowsIn), HtmlPage.Count(step.RowsOut)]))
            .Table(
                ["expectation", "outcome"],
                (processing?.Expectations ?? []).Select(expectation => (IReadOnlyList<string>)
                    [expectation.Sentence, expectation.Met ? "met" : "not met"]));
        section.Table(
            ["class", "rows"],
            Classes(processing is null ? [] : processing.Classes.Select(each => (each.Key, each.Value.Train))));
    }

    private void WriteAnalyses()
    {
        var gates = _facts.Attestation?.Gates ?? _facts.Deployment?.Gates ?? [];
        var section = Begin("Quantitative analyses")
            .GapIf(gates.Count == 0, "No gate has judged the version.", "Run its lifecycle, or evaluate it on labelled rows.")
            .Table(
                ["gate", "outcome", "observed", "required", "why"],
                gates.Select(gate => (IReadOnlyList<string>)
                    [gate.Name, gate.Word, gate.Observed, gate.Required, gate.Explanation]));
        var groups = _facts.Deployment?.Evaluation?.Attributes ?? [];
        foreach (var attribute in groups)
        {
            section.Table(
                [attribute.Attribute, "rows", "decided positive", "true positive rate", "false positive rate", "precision"],
                attribute.Groups.Select(group => (IReadOnlyList<string>)
                [
                    group.Group, HtmlPage.Count(group.Count), HtmlPage.Share(group.SelectionRate), HtmlPage.Share(group.TruePositiveRate),
                    HtmlPage.Share(group.FalsePositiveRate), HtmlPage.Share(group.Precision),
                ]));
        }

        foreach (var attribute in Problem?.ProtectedAttributes ?? [])
        {
            section.GapIf(
                !groups.Any(group => group.Attribute == attribute && group.Groups.Count > 0),
                $"How the groups of '{attribute}' fare is not recorded.",
                "Evaluate a binary classifier on a holdout with at least 30 rows of each group, in a lifecycle that protects the column.");
        }
        if (_facts.Deployment?.Comparison is { } comparison) section.Fact("against the version before", comparison.ToString());
    }

    private void WriteEthics() => Begin("Ethical considerations")
        .Fact(
            "said",
            Tag("ethics"),
            "Nothing is said of who may be harmed, and what was done against it.",
            TagRemedy("ethics"));

    private void WriteCaveats()
    {
        var exploration = _facts.Exploration;
        Begin("Caveats")
            .Fact("said", Tag("caveats"), "No caveat is stated.", TagRemedy("caveats"))
            .GapIf(exploration is null, "The rows were not searched for columns that leak the label.", "Add ExploreData to the lifecycle.")
            .Table(
                ["possible leakage"],
                (exploration?.LeakageSuspects ?? []).Select(suspect => (IReadOnlyList<string>)[suspect.Sentence]))
            .Table(
                ["hypothesis", "verdict"],
                (exploration?.Hypotheses ?? []).Select(hypothesis => (IReadOnlyList<string>)
                    [hypothesis.Name, Prose.Words(hypothesis.Verdict.ToString())]))
            .Table(
                ["note of the run"],
                (_facts.Collection?.Notes ?? []).Concat(_facts.Processing?.Notes ?? []).Select(note => (IReadOnlyList<string>)[note]))
            .Table(
                ["column that was left out", "why"],
                (_facts.Features?.Excluded ?? []).Select(column => (IReadOnlyList<string>)[column.Column, column.Reason]));
    }

    private void WriteMonitoring()
    {
        var monitoring = _facts.Monitoring;
        Begin("Monitoring")
            .Fact(
                "watched",
                monitoring is { Monitors.Count: > 0 } ? Join(monitoring.Monitors) : null,
                "Nothing watches the version.",
                "Add MonitorModel to the lifecycle.")
            .Fact("retrained because of", monitoring is { RetrainsOn.Count: > 0 }
                ? Join(monitoring.RetrainsOn.Select(signal => Prose.Words(signal.ToString()))) : null)
            .Fact("retrained at", monitoring is { RetrainsAt.Count: > 0 } ? Join(monitoring.RetrainsAt) : null)
            .Fact("what each check looks at", monitoring?.Windows)
            .Fact("alarms where nothing changed", monitoring?.Replay is { } replay
                ? $"in {HtmlPage.Count(replay.Alarms)} of {HtmlPage.Count(replay.Windows)} windows of {HtmlPage.Count(replay.Rows)} " +
                    "training rows each"
                : null);
    }

    private void WriteApprovals()
    {
        var newest = _facts.Attestation;
        Begin("Approvals")
            .Fact(
                "attestation",
                newest is null ? null
                    : $"{(newest.IsBlessed ? "blessed" : "refused")} by {newest.Actor}, {HtmlPage.Moment(newest.IssuedAt)}",
                "Nobody has attested the version.",
                "Run its lifecycle, whose gates attest it.")
            .Table(
                ["entry", "when", "what", "who", "why"],
                _facts.Entries.Reverse().Select(entry => (IReadOnlyList<string>)
                [
                    HtmlPage.Count(entry.Sequence), HtmlPage.Moment(entry.At), entry.Action, entry.Actor, Reason(entry),
                ]));
    }

    private void WriteProvenance()
    {
        var (run, environment) = (_facts.Run?.Run, _facts.Run?.Environment);
        Begin("Provenance")
            .Fact("content hash", _facts.Version.ContentHash)
            .Fact("package", _facts.Version.PackageId.ToString())
            .Fact(
                "signed by",
                _facts.SignedBy,
                "The package is not signed.",
                "Set WorkspaceOptions.Signer, so that the package says who made it.")
            .Fact(
                "run",
                run?.Id ?? _facts.Version.RunId,
                "No run is recorded: the model was trained elsewhere.",
                "Train it in a lifecycle, or record a run with StartRunAsync and import it.")
            .GapIf(
                _facts.OfAnother.Count > 0,
                $"What the run recorded of {string.Join(", ", _facts.OfAnother)} is of another version: the run was resumed since.",
                "Run the lifecycle again instead of resuming a run whose version is to be kept.")
            .Fact("cause of the run", run?.Cause)
            .Fact("seed", run is null ? null : HtmlPage.Count(run.Seed))
            .Fact(
                "commit",
                environment?.GitCommit,
                "The commit of the code is not recorded.",
                "Run in a Git checkout, or on a build server whose variables name the commit.")
            .Fact("program", environment?.Program)
            .Fact("machine", environment is null ? null : $"{environment.Machine}, {environment.OperatingSystem}, {environment.Framework}")
            .Table(
                ["code that made the rows"],
                (_facts.Collection?.Code ?? []).Concat(_facts.Processing?.Code ?? []).Distinct()
                    .Select(code => (IReadOnlyList<string>)[code]))
            .Table(
                ["package of the program", "version"],
                (environment?.Packages ?? new Dictionary<string, string>()).OrderBy(package => package.Key, StringComparer.Ordinal)
                    .Select(package => (IReadOnlyList<string>)[package.Key, package.Value]));
    }

    private string? Threshold() => Problem?.Task == TaskKind.BinaryClassification && _facts.Package is { } package
        ? HtmlPage.Decimals(package.Decision.Threshold)
        : null;

    private static string Reason(AuditEntry entry)
    {
        try
        {
            var fields = StorageJson.ReadFields(entry.Details);
            if (entry.Action == "model.refused") return Refusal(fields.GetValueOrDefault("gates"));
            return fields.GetValueOrDefault("reason") ?? "";
        }
        catch (System.Text.Json.JsonException)
        {
            return entry.Details;
        }
    }

    // An attestation that does not bless the version yet, because people have not decided, refuses nothing.
    private static string Refusal(string? gates) => gates is null ? "" : string.Join(
        ", ",
        RegistryJson.ReadGates(gates).Where(gate => gate.Outcome == GateOutcome.Failed).Select(gate => $"{gate.Name} {gate.Word}"));

    private static string? Field(string details, string name)
    {
        try
        {
            return StorageJson.ReadFields(details).GetValueOrDefault(name);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    private static IEnumerable<IReadOnlyList<string>> Classes(IEnumerable<(string Class, long Rows)> classes) =>
        classes.Select(each => (IReadOnlyList<string>)[each.Class, HtmlPage.Count(each.Rows)]);

    /// <summary>A list of whole elements, with how many there are beside those that a page shows.</summary>
    internal static string Join(IEnumerable<string> texts)
    {
        string[] all = [.. texts];
        var letters = 0;
        var shown = all.TakeWhile((text, i) => (letters += text.Length + 2) <= MostLetters || i == 0).Count();
        return string.Join(", ", all.Take(shown)) + (shown < all.Length ? $" and {HtmlPage.Count(all.Length - shown)} more" : "");
    }
}
