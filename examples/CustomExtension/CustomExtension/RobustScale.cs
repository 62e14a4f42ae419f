using System.Buffers;
using System.Text.Json;
using MlOps.Sdk;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;

namespace CustomExtension;

/// <summary>
/// Scales a column by what outliers do not move: (x - median) / (third quartile - first quartile) of the training rows. A missing
/// value becomes 0, the median. Thread-safe.
/// </summary>
public sealed class RobustScale(string column) : IFeatureTransform
{
    /// <summary>What a saved transform is found by. Raise the number when what is saved changes.</summary>
    public const string Format = "customextension.robust-scale/1";

    public IReadOnlyList<string> Inputs => [column];

    public ValueTask<IFittedTransform> FitAsync(IFitContext context, CancellationToken cancellationToken = default)
    {
        var field = context.Rows.Schema[column];
        if (field.Type is not (ColumnType.Number or ColumnType.Integer))
        {
            throw new MlOpsException($"The column is {field.Type}.", "Scale columns of numbers alone.") { Column = column };
        }

        var values = new List<double>();
        for (var row = 0; row < context.Rows.RowCount; row++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!context.Rows[column].IsNull(row)) values.Add(context.Rows[column].GetNumber(row));
        }

        values.Sort();
        var range = Quantile(values, 0.75) - Quantile(values, 0.25);
        return ValueTask.FromResult<IFittedTransform>(new Fitted(field, Quantile(values, 0.5), range > 0 ? range : 1));
    }

    // Between two values in proportion, as NumPy does by default.
    private static double Quantile(List<double> sorted, double share)
    {
        if (sorted.Count == 0) return 0;
        var (position, below) = (share * (sorted.Count - 1), (int)(share * (sorted.Count - 1)));
        var above = Math.Min(below + 1, sorted.Count - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }

    /// <summary>What was learned: the same code in training and in serving. Immutable.</summary>
    private sealed class Fitted(Field field, double median, double range) : IFittedTransform
    {
        public IReadOnlyList<Field> Inputs { get; } = [field];

        public IReadOnlyList<FeatureSlot> Outputs { get; } = [new FeatureSlot($"scaled {field.Name}", field.Name)];

        public string FormatId => Format;

        public void Apply(in RowBlock rows, FeatureWriter output, PredictScratch scratch)
        {
            for (var row = 0; row < rows.Count; row++)
                output.Set(row, 0, rows.IsNull(0, row) ? 0 : (float)((rows.Number(0, row) - median) / range));
        }

        public void Save(IBufferWriter<byte> to)
        {
            using var json = new Utf8JsonWriter(to);
            json.WriteStartArray();
            json.WriteStringValue(field.Name);
            json.WriteStringValue(field.Type.ToString());
            json.WriteNumberValue(median);
            json.WriteNumberValue(range);
            json.WriteEndArray();
        }
    }

    /// <summary>Reads what was saved, in any process that registers it.</summary>
    public sealed class Reader : IFormatReader<IFittedTransform>
    {
        public string FormatId => Format;

        public IFittedTransform Read(ReadOnlyMemory<byte> bytes)
        {
            using var json = JsonDocument.Parse(bytes);
            var saved = json.RootElement;
            var field = new Field(saved[0].GetString()!, Enum.Parse<ColumnType>(saved[1].GetString()!));
            return new Fitted(field, saved[2].GetDouble(), saved[3].GetDouble());
        }
    }
}
