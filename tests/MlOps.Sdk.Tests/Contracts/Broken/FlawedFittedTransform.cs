using System.Buffers;
using System.Buffers.Binary;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>A good fitted transform of two columns with one flaw.</summary>
internal sealed class FlawedFittedTransform : IFittedTransform
{
    public const string Format = "acme.flawed-transform/1";

    [ThreadStatic]
    private static bool t_isReady;

    private readonly Flaw _flaw;
    private readonly IFittedTransform _inner;
    private readonly int _drawn;
    private readonly Func<IFittedTransform> _mine;
    private readonly Func<float[]> _room;

    public FlawedFittedTransform(Flaw flaw, IFittedTransform inner, int drawn)
    {
        _flaw = flaw;
        _inner = inner;
        _drawn = drawn;
        _mine = () => inner;
        _room = () => [float.NaN, .. new float[inner.Outputs.Count - 1]];
        t_isReady = true;
    }

    public IReadOnlyList<Field> Inputs => _inner.Inputs;

    public IReadOnlyList<FeatureSlot> Outputs => _inner.Outputs;

    public string FormatId => Format;

    public void Apply(in RowBlock rows, FeatureWriter output, PredictScratch scratch)
    {
        switch (_flaw)
        {
            case Flaw.PositionStuck:
                var kept = scratch.State(this, _room);
                if (float.IsNaN(kept[0]))
                {
                    _inner.Apply(
                        new RowBlock([rows.Column(0), rows.Column(1)], rows.Start, 1), new FeatureWriter(kept, 1, kept.Length), scratch);
                }
                Write(rows.Count, kept, output);
                break;
            case Flaw.StateOfAThread when !t_isReady: Write(rows.Count, new float[Outputs.Count], output); break;
            case Flaw.StateByType: scratch.State(typeof(FlawedFittedTransform), _mine).Apply(rows, output, scratch); break;
            default: _inner.Apply(rows, output, scratch); break;
        }
    }

    public void Save(IBufferWriter<byte> to)
    {
        BinaryPrimitives.WriteInt32LittleEndian(to.GetSpan(4), _drawn);
        to.Advance(4);
        _inner.Save(to);
    }

    private static void Write(int rowCount, float[] values, FeatureWriter output)
    {
        for (var row = 0; row < rowCount; row++)
        {
            for (var slot = 0; slot < values.Length; slot++) output.Set(row, slot, values[slot]);
        }
    }
}
