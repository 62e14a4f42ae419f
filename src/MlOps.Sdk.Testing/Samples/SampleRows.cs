using MlOps.Sdk.Data;

namespace MlOps.Sdk.Testing;

/// <summary>
/// Made-up customers with a column of every kind that extensions meet: <c>amount</c> (Number, every tenth missing), <c>visits</c>
/// (Integer), <c>member</c> (Boolean), <c>plan</c> (Text: basic, plus or pro, some missing), <c>since</c> (Timestamp) and the label
/// <see cref="Label"/> (Text: yes or no), which depends on the others. The same arguments give the same rows. Thread-safe.
/// </summary>
public static class SampleRows
{
    /// <summary>The column of the label.</summary>
    public const string Label = "outcome";

    /// <summary>The label's value that counts as positive.</summary>
    public const string Positive = "yes";

    /// <summary>The columns.</summary>
    public static Schema Schema { get; } = new(
        new Field("amount", ColumnType.Number),
        new Field("visits", ColumnType.Integer),
        new Field("member", ColumnType.Boolean),
        new Field("plan", ColumnType.Text),
        new Field("since", ColumnType.Timestamp),
        new Field(Label, ColumnType.Text));

    /// <summary>Makes rows.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">Another seed gives other rows of the same distribution.</param>
    /// <param name="shift">
    /// How far the amounts are moved, in their standard deviations; 0 for the distribution that models are trained on.
    /// </param>
    public static Dataset Create(int count, int seed = 1, double shift = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var random = new Random(seed);
        var begin = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var batches = new List<RecordBatch>();
        var builder = new RecordBatchBuilder(Schema);
        for (var row = 0; row < count; row++)
        {
            var amount = 100 + 29 * (shift + Math.Sqrt(3) * (2 * random.NextDouble() - 1));
            var visits = random.Next(20);
            var member = random.Next(2) == 1;
            var plan = random.Next(10) switch { < 5 => "basic", < 8 => "plus", < 9 => "pro", _ => null };
            var score = (amount - 100) / 25 + (member ? -0.5 : 0.5) + (plan == "pro" ? 1 : 0) - (visits - 10) * 0.05 + random.NextDouble()
                - 0.5;
            if (random.Next(10) == 0) builder[0].AppendNull();
            else ((NumberColumnBuilder)builder[0]).Append(amount);
            ((IntegerColumnBuilder)builder[1]).Append(visits);
            ((BooleanColumnBuilder)builder[2]).Append(member);
            ((TextColumnBuilder)builder[3]).Append(plan);
            ((TimestampColumnBuilder)builder[4]).Append(begin.AddMinutes(random.Next(60 * 24 * 365)));
            ((TextColumnBuilder)builder[5]).Append(score > 0 ? Positive : "no");
            if (builder.Count == RecordBatch.MaxRows) batches.Add(builder.Build());
        }

        batches.Add(builder.Build());
        return Dataset.FromBatches(Schema, batches);
    }
}
