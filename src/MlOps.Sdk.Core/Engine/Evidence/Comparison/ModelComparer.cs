using System.Globalization;
using MlOps.Sdk.Data;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Tracking;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Evidence;

/// <summary>Finds in what two versions of a model differ, by what is recorded of them.</summary>
internal static class ModelComparer
{
    public static ModelComparison Compare(VersionFacts first, VersionFacts second)
    {
        var notes = new List<string>();
        foreach (var facts in (VersionFacts[])[first, second])
        {
            var number = HtmlPage.Count(facts.Version.Version);
            if (facts.Package is null) notes.Add($"The package of version {number} cannot be read: {facts.PackageLoss}");
            if (facts.Run is null) notes.Add($"No run of version {number} is recorded.");
        }

        return new ModelComparison
        {
            First = first.Version,
            Second = second.Version,
            Differences =
            [
                .. Of(ModelDifferenceKind.Record, Record),
                .. Of(ModelDifferenceKind.Metric, Metrics),
                .. Of(ModelDifferenceKind.Gate, Gates),
                .. Of(ModelDifferenceKind.Training, Training),
                .. Of(ModelDifferenceKind.Input, Inputs),
                .. Of(ModelDifferenceKind.Feature, Features),
                .. Of(ModelDifferenceKind.Decision, Decision),
                .. Of(ModelDifferenceKind.Data, Data),
                .. Of(ModelDifferenceKind.Code, Code),
            ],
            Drift = first.Package is { } one && second.Package is { } other ? BaselineComparer.Compare(one.Baseline, other.Baseline) : [],
            Answers = Answers(first.Package, second.Package, notes),
            Notes = notes,
        };

        IEnumerable<ModelDifference> Of(ModelDifferenceKind kind, Func<VersionFacts, Dictionary<string, string>> texts) =>
            SideBySide.Differing([texts(first), texts(second)])
                .Select(difference => new ModelDifference(kind, difference.Name, difference.Values[0], difference.Values[1]));
    }

    private static Dictionary<string, string> Record(VersionFacts facts)
    {
        var version = facts.Version;
        var texts = Texts(
            ("content hash", version.ContentHash),
            ("description", version.Description),
            ("aliases", string.Join(", ", facts.Model.Aliases.Where(alias => alias.Value == version.Version).Select(alias => alias.Key))),
            ("registered", HtmlPage.Moment(version.CreatedAt)),
            ("run", version.RunId),
            ("archived", version.IsArchived ? "yes" : null),
            ("deleted", version.Deletion?.Reason),
            ("signed by", facts.SignedBy),
            ("size of the package", facts.PackageSize is { } size ? $"{HtmlPage.Count(size)} bytes" : null),
            ("attestation", facts.Attestation is { } newest
                ? $"{(newest.IsBlessed ? "blessed" : "refused")} by {newest.Actor}"
                : null));
        var decisions = facts.Entries
            .Where(entry => entry.Action is "model.promoted" or "model.rolled-back" || IsApproval(entry.Action));
        foreach (var (i, entry) in decisions.Index())
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{ModelDifference.Decision} {i + 1:00}");
            texts[name] = $"{entry.Action} by {entry.Actor}";
        }
        foreach (var (tag, value) in version.Tags) texts[$"tag {tag}"] = value;
        return texts;
    }

    private static bool IsApproval(string action) =>
        action.Contains("approv", StringComparison.Ordinal) || action.Contains("rejected", StringComparison.Ordinal);

    private static Dictionary<string, string> Metrics(VersionFacts facts) =>
        (facts.Deployment?.Holdout ?? facts.Version.Metrics)
            .ToDictionary(metric => metric.Key, metric => metric.Value.ToString(), StringComparer.Ordinal);

    private static Dictionary<string, string> Gates(VersionFacts facts)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var gate in facts.Attestation?.Gates ?? [])
        {
            texts[gate.Name] = $"{gate.Word}: {gate.Observed}, required {gate.Required}";
        }

        return texts;
    }

    private static Dictionary<string, string> Training(VersionFacts facts)
    {
        var texts = Texts(
            ("trainer", facts.Package?.Facts.Trainer ?? facts.Training?.Trainer),
            ("model format", facts.Package?.Model?.FormatId ?? facts.Package?.RowModel?.FormatId),
            ("metric that was optimized", facts.Training?.Leaderboard.Metric),
            ("trials", facts.Training is { } training ? HtmlPage.Count(training.Leaderboard.Trials.Count) : null));
        foreach (var (name, value) in Hyperparameters(facts)) texts[$"parameter {name}"] = value.ToString() ?? "";

        return texts;
    }

    private static IReadOnlyDictionary<string, HyperparameterValue> Hyperparameters(VersionFacts facts) =>
        facts.Package?.Facts.Parameters ?? facts.Training?.Parameters ?? new Dictionary<string, HyperparameterValue>();

    private static Dictionary<string, string> Inputs(VersionFacts facts) => facts.Package?.Graph.Input.ToDictionary(
        field => field.Name,
        field => field.Type.ToString().ToLowerInvariant() + (field.Length == 1 ? "" : $" of {HtmlPage.Count(field.Length)}"),
        StringComparer.Ordinal) ?? [];

    private static Dictionary<string, string> Features(VersionFacts facts)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var slot in facts.Package?.Graph.Slots ?? [])
        {
            texts[slot.Name] = $"{Prose.Words(slot.Kind.ToString())} of {slot.Column}";
        }

        return texts;
    }

    private static Dictionary<string, string> Decision(VersionFacts facts) => facts.Package is not { } package ? [] : Texts(
        ("task", Prose.Words(package.Decision.Labels.Task.ToString())),
        ("label", package.Problem.Label),
        ("classes", package.Decision.Labels.Task == TaskKind.Regression ? null : string.Join(", ", package.Decision.Labels.Classes)),
        ("threshold", package.Decision.Labels.Task == TaskKind.BinaryClassification
            ? package.Decision.Threshold.ToString("0.######", CultureInfo.InvariantCulture)
            : null),
        ("costs", package.Problem.Costs is { } costs
            ? $"{HtmlPage.Number(costs.FalsePositive)} to {HtmlPage.Number(costs.FalseNegative)}"
            : null),
        ("protected columns", string.Join(", ", package.Problem.ProtectedAttributes)));

    private static Dictionary<string, string> Data(VersionFacts facts)
    {
        var texts = Texts(
            ("training rows", Count(facts.Processing?.TrainRows ?? facts.Package?.Baseline.RowCount)),
            ("snapshot of the training rows", facts.Package?.Facts.TrainingRows),
            ("holdout rows", Count(facts.Deployment?.HoldoutRows ?? facts.Processing?.HoldoutRows)),
            ("snapshot of the holdout", facts.Package?.Facts.HoldoutRows),
            ("rows in quarantine", Count(facts.Processing?.QuarantinedRows)));
        foreach (var source in facts.Collection?.Sources ?? [])
        {
            texts[$"source {source.Name}"] = string.Join(
                ", ", new[] { $"{HtmlPage.Count(source.Rows)} rows", source.Version, source.Query }.Where(text => text is not null));
        }

        return texts;
    }

    private static string? Count(long? rows) => rows is { } count ? HtmlPage.Count(count) : null;

    private static Dictionary<string, string> Code(VersionFacts facts)
    {
        var texts = facts.Run?.Environment is { } environment ? RunDifferences.Texts(environment) : [];
        var known = Hyperparameters(facts);
        foreach (var (name, value) in facts.Run?.Parameters ?? new Dictionary<string, string>())
        {
            // A lifecycle notes the winner's hyperparameters with its run, too.
            if (name != "trainer" && !known.ContainsKey(name)) texts[$"parameter {name}"] = value;
        }
        if (facts.Run is { } run) texts["seed"] = run.Run.Seed.ToString(CultureInfo.InvariantCulture);
        return texts;
    }

    private static AnswerComparison? Answers(ModelPackage? first, ModelPackage? second, List<string> notes)
    {
        if (first is null || second is null || first.Golden.Rows.Length == 0) return null;
        if (!first.Graph.Input.SequenceEqual(second.Graph.Input) || first.Decision.Labels.Outputs != second.Decision.Labels.Outputs)
        {
            notes.Add("The versions do not take the same rows or give the same scores, so that their answers cannot be compared.");
            return null;
        }
        double[] one, other;
        try
        {
            (one, other) = (Score(first, first.Golden), Score(second, first.Golden));
        }
        catch (MlOpsException e)
        {
            notes.Add($"A version rejects the golden rows of the first one: {e.Problem}");
            return null;
        }

        var (outputs, isClassifier) = (first.Decision.Labels.Outputs, first.Decision.Labels.Task != TaskKind.Regression);
        var (rows, largest, sum, decisions) = (first.Golden.Rows.Length, 0.0, 0.0, 0);
        for (var i = 0; i < one.Length; i++)
        {
            var difference = Math.Abs(one[i] - other[i]);
            (largest, sum) = (Math.Max(largest, difference), sum + difference);
        }
        for (var row = 0; isClassifier && row < rows; row++)
        {
            var before = first.Decision.Labels.Classes[first.Decision.Decide(one.AsSpan(row * outputs, outputs))];
            var after = second.Decision.Labels.Classes[second.Decision.Decide(other.AsSpan(row * outputs, outputs))];
            if (before != after) decisions++;
        }

        return new AnswerComparison(rows, largest, sum / one.Length, decisions);
    }

    private static double[] Score(ModelPackage package, GoldenRows golden)
    {
        using var scorer = package.NewScorer(counts: false);
        foreach (var row in golden.Rows) RowCodec.Read(row, package.Graph.Input, scorer.Inputs);
        scorer.Check?.Run(0, defaultsOnly: true);
        return scorer.Score().ToArray();
    }

    private static Dictionary<string, string> Texts(params ReadOnlySpan<(string Name, string? Value)> facts)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in facts)
        {
            if (!string.IsNullOrEmpty(value)) texts[name] = value;
        }

        return texts;
    }
}
