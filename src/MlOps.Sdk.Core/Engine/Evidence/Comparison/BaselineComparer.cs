using MlOps.Sdk.Packaging;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Evidence;

/// <summary>Compares the profiles of training rows that two packages keep.</summary>
internal static class BaselineComparer
{
    private const int Texts = 50;
    private const double Least = 0.001;

    public static IReadOnlyList<BaselineDrift> Compare(PackageBaseline first, PackageBaseline second)
    {
        var others = second.Inputs.Concat(second.Predictions).ToLookup(column => column.Name, StringComparer.Ordinal);
        var drift = new List<BaselineDrift>();
        foreach (var column in first.Inputs.Concat(first.Predictions))
        {
            if (others[column.Name].FirstOrDefault() is not { } other) continue;
            if (Distance(column.Profile, other.Profile) is { } distance and >= Least)
            {
                drift.Add(new BaselineDrift(column.Name, distance, Describe(column.Profile), Describe(other.Profile)));
            }
        }

        return [.. drift.OrderByDescending(column => column.Distance).ThenBy(column => column.Column, StringComparer.Ordinal)];
    }

    private static double? Distance(ColumnProfile first, ColumnProfile second)
    {
        if (first.Count == 0 || second.Count == 0 || (first.Items is null) != (second.Items is null)) return null;
        if (first.Items is { } texts && second.Items is { } otherTexts)
        {
            string[] known = [.. texts.Top(Texts).Concat(otherTexts.Top(Texts)).Select(item => item.Item).Distinct()];
            return Distances.JensenShannon(Shares(first, texts), Shares(second, otherTexts));

            double[] Shares(ColumnProfile profile, FrequentItems items)
            {
                double[] counts = [.. known.Select(text => (double)items.Find(text).Lower), 0, profile.Missing];
                counts[^2] = Math.Max(0, profile.Count - counts.Sum());
                return counts;
            }
        }
        if (first.Quantiles is not { } numbers || second.Quantiles is not { } otherNumbers) return null;
        double[] edges = numbers.Count == 0
            ? []
            : [.. Enumerable.Range(1, 9).Select(tenth => numbers.Quantile(tenth / 10.0)).Distinct()];
        return Distances.JensenShannon(Bins(first, numbers), Bins(second, otherNumbers));

        double[] Bins(ColumnProfile profile, QuantileSketch sketch)
        {
            var bins = new double[edges.Length + 3];
            var before = 0.0;
            for (var i = 0; i <= edges.Length; i++)
            {
                var upTo = sketch.Count == 0 ? 0 : i == edges.Length ? 1 : sketch.Rank(edges[i]);
                bins[i] = (upTo - before) * sketch.Count;
                before = upTo;
            }

            (bins[^2], bins[^1]) = (profile.Infinite, profile.Missing);
            return bins;
        }
    }

    private static string Describe(ColumnProfile profile)
    {
        var missing = profile.Missing == 0 ? "" : $", {HtmlPage.Share(profile.MissingShare)} missing";
        if (profile.Items is { } items)
        {
            var top = items.Top(3).Select(item => $"{HtmlPage.Name(item.Item)} {HtmlPage.Share((double)item.Lower / profile.Count)}");
            return string.Join(", ", top) + missing;
        }
        return profile.Moments is { Count: > 0 } moments
            ? $"mean {HtmlPage.Number(moments.Mean)}, {HtmlPage.Number(moments.Minimum)} to {HtmlPage.Number(moments.Maximum)}{missing}"
            : $"{HtmlPage.Count(profile.Count)} rows{missing}";
    }
}
