using System.Globalization;
using System.Text;
using MlOps.Sdk.Data;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Tracking;

/// <summary>Runs side by side: only what differs.</summary>
public sealed record RunComparison
{
    /// <summary>What is said of runs without a difference.</summary>
    internal const string Same = "They do not differ in anything that is recorded.";

    private const int WidestValue = 40;

    /// <summary>The runs, as they were named.</summary>
    public required IReadOnlyList<FoundRun> Runs { get; init; }

    /// <summary>In what they differ: parameters, metrics, tags, datasets, environment, each by name.</summary>
    public required IReadOnlyList<RunDifference> Differences { get; init; }

    /// <summary>
    /// How the models of the runs differ on the same rows of the holdout: each against the first run that was evaluated, by the metric that
    /// was optimized, and by others that are means over rows or areas. Computed for up to 20 runs.
    /// </summary>
    public IReadOnlyList<PairedDifference> Paired { get; init; } = [];

    /// <summary>Why runs, or metrics, are not compared on the same rows, in sentences. Empty where all are, or none could be.</summary>
    public IReadOnlyList<string> Unpaired { get; init; } = [];

    /// <summary>The comparison as a page of HTML that needs nothing else.</summary>
    /// <param name="title">The title; <see langword="null"/> for one of the library.</param>
    public string ToHtml(string? title = null) => RunComparisonPage.Write(this, title);

    /// <summary>The comparison as a table of text: a line for each difference, a column for each run.</summary>
    public override string ToString()
    {
        List<string[]> lines = [["", .. Runs.Select(run => run.Id)]];
        if (Runs.Select(run => run.State).Distinct().Count() > 1) lines.Add(["state", .. Runs.Select(run => run.State.ToString())]);
        lines.AddRange(Differences.Select(difference => (string[])
        [
            $"{Word(difference.Kind)} {difference.Name}",
            .. Shown(difference, WidestValue),
        ]));
        if (lines.Count == 1) lines.Add([Same, .. Runs.Select(_ => "")]);
        var text = new StringBuilder();
        text.Append(SideBySide.Table(lines));
        WritePaired(text);
        return text.ToString();
    }

    private void WritePaired(StringBuilder text)
    {
        foreach (var group in Paired.GroupBy(difference => (difference.Reference, difference.Level)))
        {
            text.AppendLine().AppendLine(
                string.Create(CultureInfo.InvariantCulture, $"On the same rows of the holdout, against {group.Key.Reference}:"));
            var interval = $"{Prose.Number(100 * group.Key.Level, 3)} % interval";
            List<string[]> lines = [["metric", "run", "rows", "value", "better by", interval, "p"]];
            lines.AddRange(group.Select(each => (string[])
            [
                each.Metric,
                each.Run,
                each.Rows.ToString("N0", CultureInfo.InvariantCulture),
                Number(each.Value),
                Number(each.Improvement),
                $"{Number(each.Lower)} to {Number(each.Upper)}",
                HtmlPage.PValue(each.PValue),
            ]));
            text.Append(SideBySide.Table(lines));
        }

        if (Unpaired.Count > 0) text.AppendLine();
        foreach (var why in Unpaired) text.AppendLine(PrintableText.Clean(why));
    }

    private static string Number(double value) => double.IsNaN(value) ? "–" : value.ToString("0.####", CultureInfo.InvariantCulture);

    /// <summary>
    /// The values of a difference as they are shown: metrics with as many digits as tell them apart, texts up to a width.
    /// </summary>
    internal static IEnumerable<string> Shown(RunDifference difference, int widest)
    {
        if (difference.Kind != RunDifferenceKind.Metric)
        {
            return difference.Values.Select(value => value is null ? "–" : PrintableText.ShortenTo(value, widest));
        }

        // A metric that is not a number is one that the run has.
        double[] numbers = [.. difference.Values.OfType<string>().Select(value => double.Parse(value, CultureInfo.InvariantCulture))];
        var texts = new Queue<string>(HtmlPage.Numbers(numbers).Zip(numbers, (text, number) => double.IsNaN(number) ? "NaN" : text));
        return difference.Values.Select(value => value is null ? "–" : texts.Dequeue()).ToArray();
    }

    /// <summary>What a kind of differences is called.</summary>
    internal static string Word(RunDifferenceKind kind) => kind switch
    {
        RunDifferenceKind.Parameter => "parameter",
        RunDifferenceKind.Metric => "metric",
        RunDifferenceKind.Tag => "tag",
        RunDifferenceKind.Dataset => "dataset",
        _ => "environment",
    };
}
