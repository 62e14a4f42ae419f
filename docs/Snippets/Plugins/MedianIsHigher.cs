// begin-snippet: custom-hypothesis
using System.Globalization;
using MlOps.Sdk;
using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Statistics;

namespace Acme;

/// <summary>A column is larger in one group than in the others, by ranks: outliers do not matter. Thread-safe.</summary>
public sealed class MedianIsHigher(string name, string column, string groupColumn, string group) : IHypothesis
{
    public string Name => name;

    public HypothesisResult Test(Dataset rows)
    {
        List<double> inside = [], outside = [];
        for (var row = 0; row < rows.RowCount; row++)
        {
            if (rows[column].IsNull(row) || rows[groupColumn].GetText(row) is not { } of) continue;
            (of == group ? inside : outside).Add(rows[column].GetNumber(row));
        }

        if (inside.Count == 0 || outside.Count == 0)
        {
            var nothing = new TestResult("Mann-Whitney U", double.NaN, double.NaN, double.NaN, "none", inside.Count, outside.Count);
            return Result(nothing, double.NaN, Verdict.NotEnoughData, $"One of the groups has no row with a value of {column}.");
        }

        inside.Sort();
        outside.Sort();
        var difference = inside[inside.Count / 2] - outside[outside.Count / 2];
        return Result(
            TwoSample.MannWhitney([.. inside], [.. outside], Alternative.Greater),
            difference,
            Verdict.NotSupported, // the engine decides, over all hypotheses together
            string.Create(
                CultureInfo.InvariantCulture,
                $"The median of {column} differs by {difference:0.##} between {inside.Count} rows where {groupColumn} is {group} " +
                    $"and {outside.Count} others."));
    }

    private HypothesisResult Result(TestResult test, double difference, Verdict verdict, string sentence) =>
        new(name, test, difference, new ConfidenceInterval(double.NaN, double.NaN, 0.95), verdict, sentence);
}
// end-snippet
