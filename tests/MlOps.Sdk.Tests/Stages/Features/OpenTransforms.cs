using System.Buffers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Tests.Features;

/// <summary>
/// A transform that passes a number on, and whose fitted ones hold what must be given back: it counts those that are not disposed of yet.
/// </summary>
internal sealed class OpenTransforms(string column) : IFeatureTransform, IFormatReader<IFittedTransform>
{
    private int _made;
    private int _open;

    public IReadOnlyList<string> Inputs => [column];

    public string FormatId => "tests.open/1";

    /// <summary>How many were fitted or read.</summary>
    public int Made => Volatile.Read(ref _made);

    /// <summary>How many of them are not disposed of.</summary>
    public int Open => Volatile.Read(ref _open);

    public ValueTask<IFittedTransform> FitAsync(IFitContext context, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Create(context.Rows.Schema[column]));

    public IFittedTransform Read(ReadOnlyMemory<byte> bytes) => Create(new Field(column, (ColumnType)bytes.Span[0]));

    private IFittedTransform Create(Field field)
    {
        Interlocked.Increment(ref _made);
        Interlocked.Increment(ref _open);
        return new Fitted(this, field);
    }

    private sealed class Fitted(OpenTransforms owner, Field field) : IFittedTransform, IDisposable
    {
        private int _disposed;

        public IReadOnlyList<Field> Inputs { get; } = [field];

        public IReadOnlyList<FeatureSlot> Outputs { get; } = [new FeatureSlot(field.Name, field.Name)];

        public string FormatId => owner.FormatId;

        public void Apply(in RowBlock rows, FeatureWriter output, PredictScratch scratch)
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
            for (var row = 0; row < rows.Count; row++)
            {
                var at = rows.Start + row;
                output.Set(row, 0, rows.Column(0).IsNull(at) ? 0 : (float)rows.Column(0).GetNumber(at));
            }
        }

        public void Save(IBufferWriter<byte> to) => to.Write([(byte)field.Type]);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0) Interlocked.Decrement(ref owner._open);
        }
    }
}
