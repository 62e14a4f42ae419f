using System.Buffers;
using System.Text.Json;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests.Training;

/// <summary>What <see cref="RateByPlanTrainer"/> trains.</summary>
internal sealed class RateByPlanModel(Field column, Dictionary<string, double> rates, double overall) : IRowModel
{
    public const string Format = "acme.rate-by-plan/1";

    private readonly Func<CountingState> _create = () => new CountingState();

    public ModelSignature Signature { get; } = new(TaskKind.BinaryClassification, 1, 1);

    public IReadOnlyList<Field> Inputs { get; } = [column];

    public string FormatId => Format;

    public bool IsExact { get; init; } = true;

    public static IRowModel Read(ReadOnlyMemory<byte> bytes) => Read(bytes, rate => rate, isExact: true);

    public static IRowModel Read(ReadOnlyMemory<byte> bytes, Func<double, double> change, bool isExact)
    {
        var saved = JsonSerializer.Deserialize<JsonElement>(bytes.Span);
        return new RateByPlanModel(
            new Field(saved.GetProperty("column").GetString()!, ColumnType.Text),
            saved.GetProperty("rates").Deserialize<Dictionary<string, double>>()!
                .ToDictionary(rate => rate.Key, rate => change(rate.Value)),
            saved.GetProperty("overall").GetDouble()) { IsExact = isExact };
    }

    public void Predict(in RowBlock rows, Span<double> output, PredictScratch scratch)
    {
        scratch.State(this, _create).Calls++;
        for (var row = 0; row < rows.Count; row++)
        {
            output[row] = rows.Text(0, row) is { } text && rates.TryGetValue(text, out var rate) ? rate : overall;
        }
    }

    public void Save(IBufferWriter<byte> to)
    {
        using var writer = new Utf8JsonWriter(to);
        JsonSerializer.Serialize(writer, new { column = column.Name, rates, overall });
    }

    public void Dispose()
    {
    }

    private sealed class CountingState
    {
        public int Calls { get; set; }
    }
}
