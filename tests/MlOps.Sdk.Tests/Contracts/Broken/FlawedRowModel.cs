using System.Buffers;
using System.Buffers.Binary;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>A good row model with one flaw.</summary>
internal sealed class FlawedRowModel : IRowModel
{
    public const string Format = "acme.flawed-rows/1";

    [ThreadStatic]
    private static bool t_isReady;

    private readonly Flaw _flaw;
    private readonly IRowModel _inner;
    private readonly int _drawn;
    private readonly Func<IRowModel> _mine;
    private readonly Func<double[]> _room;

    public FlawedRowModel(Flaw flaw, IRowModel inner, int drawn)
    {
        _flaw = flaw;
        _inner = inner;
        _drawn = drawn;
        _mine = () => inner;
        _room = () => [double.NaN, .. new double[inner.Signature.Outputs - 1]];
        t_isReady = true;
    }

    public ModelSignature Signature => _inner.Signature;

    public IReadOnlyList<Field> Inputs => _inner.Inputs;

    public string FormatId => Format;

    public void Predict(in RowBlock rows, Span<double> output, PredictScratch scratch)
    {
        switch (_flaw)
        {
            case Flaw.PositionStuck:
                var kept = scratch.State(this, _room);
                if (double.IsNaN(kept[0])) _inner.Predict(new RowBlock([rows.Column(0), rows.Column(1)], rows.Start, 1), kept, scratch);
                for (var row = 0; row < rows.Count; row++) kept.CopyTo(output[(row * kept.Length)..]);
                break;
            case Flaw.StateOfAThread when !t_isReady: output.Clear(); break;
            case Flaw.StateByType: scratch.State(typeof(FlawedRowModel), _mine).Predict(rows, output, scratch); break;
            default: _inner.Predict(rows, output, scratch); break;
        }
    }

    public void Save(IBufferWriter<byte> to)
    {
        BinaryPrimitives.WriteInt32LittleEndian(to.GetSpan(4), _drawn);
        to.Advance(4);
        _inner.Save(to);
    }

    public void Dispose() => _inner.Dispose();
}
