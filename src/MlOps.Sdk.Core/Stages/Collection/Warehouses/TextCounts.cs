using System.Globalization;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Counts texts: each of them where there are up to 100,000 with 64 MB together; otherwise the lengths of all, the frequent ones, and a
/// sample of texts by their MD5.
/// </summary>
internal static class TextCounts
{
    private const int MostTexts = 100_000;
    private const int MostFrequent = 256;
    private const double MostBytes = 64_000_000;

    public static TextFacts Empty { get; } = new([], null, [], 0, new Moments(), default);

    public static async Task AskAsync(TableReading reading, ColumnFacts facts, CancellationToken cancellationToken)
    {
        double bytes = 0;
        if (facts.Distinct <= MostTexts && facts.LongestText * facts.Distinct > MostBytes)
        {
            bytes = await BytesAsync(reading, facts, cancellationToken).ConfigureAwait(false);
        }
        facts.Texts = facts.Distinct <= MostTexts && bytes <= MostBytes
            ? await AllAsync(reading, facts, cancellationToken).ConfigureAwait(false)
            : await SampleAsync(reading, facts, bytes, cancellationToken).ConfigureAwait(false);
        if (facts.Texts.Below is null) (facts.Distinct, facts.IsDistinctExact) = (facts.Texts.Levels.Count, true);
    }

    /// <summary>Counts the texts that meet a condition on <c>mlops_v</c>.</summary>
    public static async Task<Dictionary<string, long>> CountAsync(
        TableReading reading, TableColumn column, string condition, IReadOnlyList<object> parameters, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var sql = reading.Statement([new TableLayer(column.Value, "mlops_v", condition)], "mlops_v, count(*)", "mlops_v");
        await reading.ReadAsync($"texts of '{column.Name}'", sql, row =>
        {
            var (text, count) = ((string)row[reading.PartitionCount], TableReading.Long(row[reading.PartitionCount + 1]));
            counts[text] = counts.GetValueOrDefault(text) + count;
        }, cancellationToken, parameters).ConfigureAwait(false);
        return counts;
    }

    /// <summary>The condition for texts of a sample.</summary>
    public static string IsBelow(WarehouseDialect dialect, string below) => dialect.IsMd5Below("mlops_v", below);

    private static async Task<TextFacts> AllAsync(TableReading reading, ColumnFacts facts, CancellationToken cancellationToken)
    {
        var counts = await CountAsync(reading, facts.Column, "mlops_v IS NOT NULL", [], cancellationToken).ConfigureAwait(false);
        if (counts.Values.Sum() != facts.Finite) throw reading.Changed();
        var lengths = new Moments();
        var characters = default(CharacterCounts);
        foreach (var group in counts.GroupBy(pair => pair.Key.Length, pair => pair.Value)) lengths.Add(group.Key, group.Sum());
        foreach (var (text, count) in counts) characters = characters.Plus(CharacterCounts.Of(text), count);
        KeyValuePair<string, long>[] levels = [.. Ordered(counts)];
        return new TextFacts(
            levels,
            null,
            [.. levels.Take(MostFrequent)],
            levels.Length > MostFrequent ? levels[MostFrequent].Value : 0,
            lengths,
            characters);
    }

    /// <summary>The bytes of all different texts.</summary>
    private static async Task<double> BytesAsync(TableReading reading, ColumnFacts facts, CancellationToken cancellationToken)
    {
        double bytes = 0;
        var length = reading.Dialect.Bytes("mlops_v");
        var distinct = reading.Statement([new TableLayer(facts.Column.Value, "mlops_v", "mlops_v IS NOT NULL")], "mlops_v", "mlops_v");
        if (reading.PartitionCount > 0) distinct = $"SELECT mlops_v FROM ({distinct}) AS mlops_parts GROUP BY mlops_v";
        await reading.ReadAsync(
            $"bytes of '{facts.Column.Name}'",
            $"SELECT sum({length}) FROM ({distinct}) AS mlops_distinct",
            row => bytes = TableReading.Long(row[0]),
            cancellationToken).ConfigureAwait(false);
        return bytes;
    }

    private static async Task<TextFacts> SampleAsync(
        TableReading reading, ColumnFacts facts, double bytes, CancellationToken cancellationToken)
    {
        var dialect = reading.Dialect;
        var lengths = new Moments();
        var ofLengths = reading.Statement(
            [
                new TableLayer(facts.Column.Value, "mlops_v", "mlops_v IS NOT NULL"),
                new TableLayer(dialect.Length("mlops_v"), "mlops_b"),
            ],
            "mlops_b, count(*)",
            "mlops_b");
        await reading.ReadAsync(
            $"lengths of '{facts.Column.Name}'",
            ofLengths,
            row => lengths.Add(TableReading.Long(row[^2]), TableReading.Long(row[^1])),
            cancellationToken).ConfigureAwait(false);
        if (lengths.Count != facts.Finite) throw reading.Changed();

        // As many texts, or bytes, as a quarter of the limit, on average; the first eight digits divide finely enough.
        var most = Math.Max(bytes, lengths.Mean * facts.Distinct);
        var share = Math.Min(MostTexts / 4.0 / facts.Distinct, MostBytes / 4 / Math.Max(1, most));
        var below = Math.Max(1, (long)(0x1_0000_0000L * share)).ToString("x8", CultureInfo.InvariantCulture);
        var sample = await CountAsync(
            reading, facts.Column, $"mlops_v IS NOT NULL AND {IsBelow(dialect, below)}", [], cancellationToken).ConfigureAwait(false);
        var characters = default(CharacterCounts);
        foreach (var (text, count) in sample) characters = characters.Plus(CharacterCounts.Of(text), count);
        var scale = sample.Count == 0 ? 0 : (double)facts.Finite / sample.Values.Sum();
        var (frequent, mostOfOthers) = await FrequentAsync(reading, facts, cancellationToken).ConfigureAwait(false);
        return new TextFacts(
            [.. Ordered(sample)], below, frequent, mostOfOthers, lengths, new CharacterCounts(
                Scaled(characters.Letters), Scaled(characters.Digits), Scaled(characters.Spaces),
                Scaled(characters.Other), Scaled(characters.Blank), Scaled(characters.Words)));

        long Scaled(long count) => (long)Math.Round(count * scale);
    }

    /// <summary>The texts of which each has a share of 1/256 of the rows: there are 256 at most.</summary>
    private static async Task<(KeyValuePair<string, long>[] Frequent, long MostOfOthers)> FrequentAsync(
        TableReading reading, ColumnFacts facts, CancellationToken cancellationToken)
    {
        var least = Math.Max(1, facts.Finite / MostFrequent + 1);

        // Where nearly every text is another, none can be frequent. An estimate does not tell: it may be a third too large.
        if (facts.IsDistinctExact && facts.Finite - facts.Distinct + 1 < least) return ([], least);
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var having = string.Create(CultureInfo.InvariantCulture, $"{least}");
        var counted = reading.Statement(
            [new TableLayer(facts.Column.Value, "mlops_v", "mlops_v IS NOT NULL")], "mlops_v, count(*) AS mlops_n", "mlops_v");
        var sql = reading.PartitionCount == 0
            ? $"{counted} HAVING count(*) >= {having}"
            : $"SELECT mlops_v, sum(mlops_n) FROM ({counted}) AS mlops_parts GROUP BY mlops_v HAVING sum(mlops_n) >= {having}";
        await reading.ReadAsync(
            $"frequent texts of '{facts.Column.Name}'",
            sql,
            row => counts.Add((string)row[0], TableReading.Long(row[1])),
            cancellationToken).ConfigureAwait(false);
        return ([.. Ordered(counts)], least - 1);
    }

    private static IOrderedEnumerable<KeyValuePair<string, long>> Ordered(Dictionary<string, long> counts) =>
        counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal);
}
