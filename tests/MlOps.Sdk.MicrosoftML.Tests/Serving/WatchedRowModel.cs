using System.Buffers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>A row model that tells a ledger what is done with it.</summary>
internal sealed class WatchedRowModel(IRowModel inner, ModelLedger ledger) : IRowModel
{
    private readonly CallWatch _calls = new(ledger);

    public IRowModel Inner => inner;

    public ModelSignature Signature => inner.Signature;

    public IReadOnlyList<Field> Inputs => inner.Inputs;

    public string FormatId => inner.FormatId;

    public void Predict(in RowBlock rows, Span<double> output, PredictScratch scratch)
    {
        _calls.Begin(scratch);
        inner.Predict(rows, output, scratch);
        _calls.End();
    }

    public void Save(IBufferWriter<byte> to) => inner.Save(to);

    public void Dispose()
    {
        _calls.Dispose();
        inner.Dispose();
    }
}
