using System.Globalization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Testing;

/// <summary>Rows for warehouses: all types, hostile names and values, missing, NaN and infinite ones.</summary>
internal static class WarehouseRows
{
    public const string Key = "id";
    public const string Amount = "the \"amount\"";
    public const string Skewed = "naïve 'quotes'; DROP TABLE x --";
    public const string Small = "small";
    public const string Large = "large \\ whole";
    public const string Constant = "constant";
    public const string Level = "level";
    public const string Many = "many";
    public const string Free = "free text";
    public const string Flag = "flag";
    public const string At = "at";
    public const string Empty = "empty";

    private static readonly string[] Levels = ["red", "grün", "O'Brien \"x\"", "", "🦆\tüber", "back\\slash"];

    /// <param name="rows">How many.</param>
    /// <param name="seed">Decides them.</param>
    /// <param name="types">The types that the warehouse has; columns of others are left out.</param>
    /// <param name="resolution">The step of times.</param>
    /// <param name="shift">Moves numbers by so many standard deviations, and levels with them.</param>
    public static Dataset Create(int rows, int seed, IReadOnlyCollection<ColumnType> types, TimeSpan resolution, double shift = 0)
    {
        var random = new Random(seed);
        (string Name, ColumnType Type)[] columns =
        [
            (Key, ColumnType.Integer), (Amount, ColumnType.Number), (Skewed, ColumnType.Number), (Small, ColumnType.Integer),
            (Large, ColumnType.Integer), (Constant, ColumnType.Number), (Level, ColumnType.Text), (Many, ColumnType.Text),
            (Free, ColumnType.Text), (Flag, ColumnType.Boolean), (At, ColumnType.Timestamp), (Empty, ColumnType.Number),
        ];
        var schema = new Schema(columns.Where(column => types.Contains(column.Type)).Select(column => new Field(column.Name, column.Type)));
        var batches = new List<RecordBatch>();
        var builder = new RecordBatchBuilder(schema);
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < schema.Count; i++) Append(builder[i], schema[i].Name, row, random, shift, resolution);
            if (builder.Count == RecordBatch.MaxRows || row == rows - 1) batches.Add(builder.Build());
        }

        return Dataset.FromBatches(schema, batches);
    }

    private static void Append(ColumnBuilder to, string column, int row, Random random, double shift, TimeSpan resolution)
    {
        var isMissing = column != Key && column != Constant && random.Next(20) == 0;
        if (column == Empty || isMissing)
        {
            to.AppendNull();
            return;
        }

        switch (column)
        {
            case Key: ((IntegerColumnBuilder)to).Append(row + (1L << 54)); break;
            case Amount: ((NumberColumnBuilder)to).Append(Amounts(random, shift)); break;
            case Skewed: ((NumberColumnBuilder)to).Append(Math.Exp(3 * Normal(random)) * 1e-3); break;
            case Small: ((IntegerColumnBuilder)to).Append(random.Next(-3, 12)); break;
            case Large: ((IntegerColumnBuilder)to).Append(random.NextInt64(long.MinValue, long.MaxValue)); break;
            case Constant: ((NumberColumnBuilder)to).Append(0.1); break;
            case Level:
                var level = (int)(random.NextDouble() * random.NextDouble() * (6 + 4 * shift));
                ((TextColumnBuilder)to).Append(Levels[Math.Min(Levels.Length - 1, level)]);
                break;
            case Many:
                var one = (int)(random.NextDouble() * random.NextDouble() * 600);
                ((TextColumnBuilder)to).Append(string.Create(CultureInfo.InvariantCulture, $"m{one}"));
                break;
            case Free:
                ((TextColumnBuilder)to).Append(string.Create(CultureInfo.InvariantCulture, $"text {random.Next(5_000_000)} é🦆"));
                break;
            case Flag: ((BooleanColumnBuilder)to).Append(random.Next(4) == 0); break;
            case At:
                var since = new DateTime(2019, 2, 27, 0, 0, 0, DateTimeKind.Utc);
                var ticks = (long)(random.NextDouble() * TimeSpan.FromDays(400).Ticks);
                ((TimestampColumnBuilder)to).Append(since.AddTicks(ticks - ticks % resolution.Ticks));
                break;
        }
    }

    private static double Amounts(Random random, double shift) => random.Next(200) switch
    {
        0 => double.NaN,
        1 => double.PositiveInfinity,
        2 when random.Next(2) == 0 => double.NegativeInfinity,
        _ => 100 + 15 * (Normal(random) + shift),
    };

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
