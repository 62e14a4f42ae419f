using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Monitoring;

/// <summary>Compares rows that stay in their warehouse: what sketches and bins hold is counted there.</summary>
internal static class WarehouseComparison
{
    private const FactParts Parts = FactParts.Ranges | FactParts.Texts;

    public static async Task<TableComparison> OfAsync(
        WarehouseTable reference, WarehouseTable current, ComparisonThresholds thresholds, CancellationToken cancellationToken)
    {
        var now = await TableReading.OpenAsync(current, cancellationToken).ConfigureAwait(false);
        await using (now.ConfigureAwait(false))
        {
            PackageBaseline baseline;
            Schema before;
            Dictionary<string, string?> samples;
            var then = await TableReading.OpenAsync(reference, cancellationToken).ConfigureAwait(false);
            await using (then.ConfigureAwait(false))
            {
                before = then.Schema;
                (baseline, samples) = await BaselineAsync(then, now.Schema, cancellationToken).ConfigureAwait(false);
                await then.RequireUnchangedAsync(cancellationToken).ConfigureAwait(false);
            }

            return await OfAsync((reference.Name, before), baseline, samples, now, thresholds, cancellationToken).ConfigureAwait(false);
        }
    }

    public static async Task<TableComparison> OfAsync(
        PackageBaseline reference, WarehouseTable current, ComparisonThresholds thresholds, CancellationToken cancellationToken)
    {
        var now = await TableReading.OpenAsync(current, cancellationToken).ConfigureAwait(false);
        await using (now.ConfigureAwait(false))
        {
            NearestName.Require(reference.Inputs.Select(column => column.Name), "The comparison", now.Schema);
            var before = new Schema(reference.Inputs.Select(column => new Field(column.Name, column.Profile.Type)));
            return await OfAsync(("training", before), reference, [], now, thresholds, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<TableComparison> OfAsync(
        (string Name, Schema Schema) reference,
        PackageBaseline baseline,
        Dictionary<string, string?> samples,
        TableReading now,
        ComparisonThresholds thresholds,
        CancellationToken cancellationToken)
    {
        TableColumn[] columns = [.. baseline.Inputs.Select(column => now.Column(column.Name))];
        var facts = await TableFacts.AskAsync(now, columns, Parts, cancellationToken).ConfigureAwait(false);
        HashSet<string> retyped = [];
        List<(ColumnBaseline Reference, ColumnFacts Facts)> compared = [];
        for (var i = 0; i < columns.Length; i++)
        {
            // A column without a value has no type.
            var type = baseline.Inputs[i].Profile.Type;
            if (ColumnPair.CommonType(type, columns[i].Type) == columns[i].Type
                || ColumnPair.IsNumber(type) && ColumnPair.IsNumber(columns[i].Type))
            {
                compared.Add((baseline.Inputs[i], facts[i]));
            }
            else if (facts[i].Filled == 0)
            {
                compared.Add((baseline.Inputs[i], new ColumnFacts(columns[i] with { Type = type })
                {
                    Rows = facts[i].Rows,
                    Texts = type == ColumnType.Text ? TextCounts.Empty : null,
                }));
            }
            else
            {
                retyped.Add(columns[i].Name);
            }
        }

        var counts = await BinCounts.AskAsync(
            now, [.. compared.Select(column => (column.Facts, column.Reference.Bins))], cancellationToken).ConfigureAwait(false);
        await now.RequireUnchangedAsync(cancellationToken).ConfigureAwait(false);
        var windows = new List<ColumnWindow>();
        for (var i = 0; i < compared.Count; i++)
        {
            var (of, found) = compared[i];
            var sample = samples.GetValueOrDefault(of.Name);
            var (fresh, asked) = of.Profile.Type == ColumnType.Text
                ? NewLevels(of.Bins, counts[i], found, sample)
                : default;
            windows.Add(new ColumnWindow(
                of, found.Profile(found.Column.Type == ColumnType.Integer ? ColumnType.Number : null), counts[i], fresh, asked));
        }

        var rows = facts.Count > 0 ? facts[0].Rows : 0;
        var window = MonitoringWindow.OfCounted("comparison", baseline, thresholds.MinimumRows, rows, windows);
        return await TableComparison.JudgeAsync(
            (reference.Name, now.Table.Name),
            window,
            [.. TableComparison.Changes(reference.Schema, now.Schema, retyped)],
            retyped,
            columns.Select(column => column.Name),
            thresholds,
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What the reference looks like, and of which columns only a sample of texts is known, up to which MD5.</summary>
    private static async Task<(PackageBaseline Baseline, Dictionary<string, string?> Samples)> BaselineAsync(
        TableReading reading, Schema current, CancellationToken cancellationToken)
    {
        TableColumn[] columns = [.. reading.Columns.Where(column => current.Contains(column.Name))];
        var facts = (await TableFacts.AskAsync(reading, columns, Parts, cancellationToken).ConfigureAwait(false)).ToArray();
        var samples = new Dictionary<string, string?>(StringComparer.Ordinal);
        var levels = new CountedLevels?[facts.Length];
        var types = new ColumnType[facts.Length];
        List<int> numbers = [];
        for (var i = 0; i < facts.Length; i++)
        {
            var now = current[columns[i].Name].Type;
            if (facts[i].Filled == facts[i].NotNumbers && now != columns[i].Type)
            {
                facts[i] = new ColumnFacts(columns[i] with { Type = now })
                {
                    Rows = facts[i].Rows,
                    Texts = now == ColumnType.Text ? TextCounts.Empty : null,
                };
            }
            types[i] = ColumnPair.CommonType(facts[i].Column.Type, now);
            if (facts[i].Texts is { } texts)
            {
                levels[i] = CountedLevels.Of(facts[i]);
                samples.Add(columns[i].Name, texts.Below);
            }
            else
            {
                numbers.Add(i);
            }
        }

        ColumnProfile[] profiles = [.. facts.Select((column, i) => column.Profile(column.Texts is null ? types[i] : null))];
        ReferenceBins[] bins = [.. profiles.Select((profile, i) => levels[i]?.Bins ?? ReferenceBins.Empty(profile))];
        var counts = await BinCounts.AskAsync(
            reading, [.. numbers.Select(i => (facts[i], bins[i]))], cancellationToken).ConfigureAwait(false);
        var inputs = new ColumnBaseline[facts.Length];
        for (var i = 0; i < inputs.Length; i++)
        {
            var known = new KnownLevels.Builder();
            foreach (var (level, count) in facts[i].Texts?.Levels ?? []) known.Add(level, count);
            inputs[i] = new ColumnBaseline(columns[i].Name, profiles[i], bins[i].With(
                levels[i]?.Counts ?? counts[numbers.IndexOf(i)],
                levels[i]?.Judged,
                BlockCounts.None,
                levels[i] is null ? KnownLevels.None : known.Build()));
        }

        return (new PackageBaseline(facts.Length == 0 ? 0 : facts[0].Rows, inputs, []), samples);
    }

    /// <summary>Rows with levels that the reference does not have, of those of which it is known.</summary>
    private static (long Fresh, long Asked) NewLevels(ReferenceBins bins, long[] counts, ColumnFacts facts, string? below)
    {
        // All levels of the reference have a bin: what is in none is new.
        if (!bins.AreLevelsChosen && bins.Known.IsWhole) return (counts[^2], facts.Finite);

        // Of two samples by MD5, that with the lower limit is a sample of both tables.
        var texts = facts.Texts!;
        var isWider = below is not null && (texts.Below is null || string.CompareOrdinal(texts.Below, below) > 0);
        return bins.Known.Count(
            isWider ? texts.Levels.Where(level => string.CompareOrdinal(Md5(level.Key), below) < 0) : texts.Levels);
    }

    // A sample that databases can draw; nothing rests on it being hard to forge.
    [SuppressMessage("Security", "CA5351", Justification = "No secret: the hash that every database has.")]
    private static string Md5(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
}
