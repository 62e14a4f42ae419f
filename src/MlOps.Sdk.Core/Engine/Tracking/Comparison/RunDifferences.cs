using System.Globalization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Tracking;

/// <summary>Finds in what runs differ.</summary>
internal static class RunDifferences
{
    public static IReadOnlyList<RunDifference> Of(
        IReadOnlyList<FoundRun> runs,
        IReadOnlyList<IReadOnlyList<RunDataset>> datasets,
        IReadOnlyList<RunEnvironment?> environments) =>
    [
        .. Of(RunDifferenceKind.Parameter, runs.Select(run => run.Parameters)),
        .. Of(RunDifferenceKind.Metric, runs.Select(run => Texts(run.Metrics))),
        .. Of(RunDifferenceKind.Tag, runs.Select(run => run.Tags)),
        .. Of(RunDifferenceKind.Dataset, datasets.Select(Texts)),
        .. Of(RunDifferenceKind.Environment, TextsOf(environments)),
    ];

    private static IEnumerable<IReadOnlyDictionary<string, string>> TextsOf(IReadOnlyList<RunEnvironment?> environments)
    {
        var texts = new Dictionary<object, Dictionary<string, string>>(ReferenceEqualityComparer.Instance);
        return environments.Select(environment =>
        {
            if (environment is null) return [];
            if (!texts.TryGetValue(environment, out var text)) texts[environment] = text = Texts(environment);
            return text;
        });
    }

    private static IEnumerable<RunDifference> Of(RunDifferenceKind kind, IEnumerable<IReadOnlyDictionary<string, string>> values) =>
        SideBySide.Differing(values).Select(difference => new RunDifference(kind, difference.Name, difference.Values));

    private static Dictionary<string, string> Texts(IReadOnlyDictionary<string, double> metrics) => metrics.ToDictionary(
        metric => metric.Key, metric => metric.Value.ToString("R", CultureInfo.InvariantCulture), StringComparer.Ordinal);

    private static Dictionary<string, string> Texts(IReadOnlyList<RunDataset> datasets) => datasets.ToDictionary(
        dataset => $"{dataset.Role}: {dataset.Name}",
        dataset => string.Create(CultureInfo.InvariantCulture, $"{dataset.Rows:N0} rows, {dataset.Hash}"),
        StringComparer.Ordinal);

    /// <summary>An environment as texts by name.</summary>
    public static Dictionary<string, string> Texts(RunEnvironment environment)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["machine"] = environment.Machine,
            ["operating system"] = environment.OperatingSystem,
            ["framework"] = environment.Framework,
            ["architecture"] = environment.Architecture,
            ["processors"] = environment.Processors.ToString(CultureInfo.InvariantCulture),
            ["command"] = environment.Command,
        };
        if (environment.Program is { } program) texts["program"] = program;
        if (environment.GitCommit is { } commit) texts["commit"] = commit;
        if (environment.GitBranch is { } branch) texts["branch"] = branch;
        foreach (var (package, version) in environment.Packages) texts[$"package {package}"] = version;
        return texts;
    }
}
