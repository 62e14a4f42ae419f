using System.Buffers;
using System.Buffers.Binary;
using MlOps.Sdk.Features;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>A good model with one flaw.</summary>
internal sealed class FlawedModel : IModel
{
    public const string Format = "acme.flawed/1";

    [ThreadStatic]
    private static bool t_isReady;

    private readonly Flaw _flaw;
    private readonly IModel _inner;
    private readonly int _drawn;
    private readonly Func<IModel> _mine;
    private readonly Func<double[]> _room;

    public FlawedModel(Flaw flaw, IModel inner, int drawn)
    {
        _flaw = flaw;
        _inner = inner;
        _drawn = drawn;
        _mine = () => inner;
        _room = () => [double.NaN, .. new double[inner.Signature.Outputs - 1]];
        t_isReady = true;
    }

    public ModelSignature Signature => _inner.Signature;

    public string FormatId => Format;

    public void Predict(in FeatureBlock rows, Span<double> output, PredictScratch scratch)
    {
        switch (_flaw)
        {
            case Flaw.PositionStuck:
                var kept = scratch.State(this, _room);
                if (double.IsNaN(kept[0])) _inner.Predict(new FeatureBlock(rows.Row(0), rows.Width), kept, scratch);
                for (var row = 0; row < rows.RowCount; row++) kept.CopyTo(output[(row * kept.Length)..]);
                break;
            case Flaw.StateOfAThread when !t_isReady: output.Clear(); break;
            case Flaw.StateByType: scratch.State(typeof(FlawedModel), _mine).Predict(rows, output, scratch); break;
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
