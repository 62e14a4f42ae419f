using System.Buffers;
using System.Text;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Tests.Packaging;

/// <summary>A transform of a team's own that hands a number on as it is, also where it is missing.</summary>
internal sealed class RawNumber(string column) : IFeatureTransform, IFittedTransform
{
    public const string Format = "acme.raw-number/1";

    public IReadOnlyList<Field> Inputs { get; } = [new(column, ColumnType.Number)];

    IReadOnlyList<string> IFeatureTransform.Inputs => [column];

    public IReadOnlyList<FeatureSlot> Outputs { get; } = [new(column, column)];

    public string FormatId => Format;

    public ValueTask<IFittedTransform> FitAsync(IFitContext context, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IFittedTransform>(this);

    public void Apply(in RowBlock rows, FeatureWriter output, PredictScratch scratch)
    {
        for (var row = 0; row < rows.Count; row++)
        {
            output.Set(row, 0, rows.IsNull(0, row) ? float.NaN : (float)rows.Number(0, row));
        }
    }

    public void Save(IBufferWriter<byte> to) => to.Write(Encoding.UTF8.GetBytes(column));

    /// <summary>Reads what was saved.</summary>
    internal sealed class Reader : IFormatReader<IFittedTransform>
    {
        public string FormatId => Format;

        public IFittedTransform Read(ReadOnlyMemory<byte> bytes) => new RawNumber(Encoding.UTF8.GetString(bytes.Span));
    }
}
