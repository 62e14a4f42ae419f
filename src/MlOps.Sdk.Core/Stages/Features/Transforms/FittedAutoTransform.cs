using System.Buffers;
using System.Text.Json;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Features;

internal sealed class FittedAutoTransform : IFittedTransform
{
    public const string Format = "mlops.auto/1";

    private readonly AutoState _state;
    private readonly FittedNumericTransform _numeric;
    private readonly FittedOneHotTransform _oneHot;

    public FittedAutoTransform(AutoState state)
    {
        _state = state;
        _numeric = new FittedNumericTransform(state.Numeric);
        _oneHot = new FittedOneHotTransform(state.OneHot);
        Inputs = [.. _numeric.Inputs, .. _oneHot.Inputs];
        Outputs = [.. _numeric.Outputs, .. _oneHot.Outputs];
    }

    public IReadOnlyList<Field> Inputs { get; }

    public IReadOnlyList<FeatureSlot> Outputs { get; }

    public string FormatId => Format;

    public void Apply(in RowBlock rows, FeatureWriter output, PredictScratch scratch)
    {
        var numeric = _numeric.Inputs.Count;
        _numeric.Apply(rows.Columns(0, numeric), output, scratch);
        _oneHot.Apply(rows.Columns(numeric, _oneHot.Inputs.Count), output.From(_numeric.Outputs.Count), scratch);
    }

    public void Save(IBufferWriter<byte> to)
    {
        using var writer = new Utf8JsonWriter(to);
        JsonSerializer.Serialize(writer, _state, FeatureJson.Default.AutoState);
    }

    public static IFittedTransform Read(ReadOnlyMemory<byte> bytes) =>
        new FittedAutoTransform(JsonSerializer.Deserialize(bytes.Span, FeatureJson.Default.AutoState)!);
}
