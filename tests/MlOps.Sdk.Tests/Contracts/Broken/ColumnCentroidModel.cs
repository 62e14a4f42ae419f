using System.Buffers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>What <see cref="ColumnCentroidTrainer"/> trains.</summary>
internal sealed class ColumnCentroidModel(IModel inner) : IRowModel
{
    public const string Format = "acme.column-centroid/1";

    public static Field[] Columns { get; } = [new("visits", ColumnType.Integer), new("member", ColumnType.Boolean)];

    public ModelSignature Signature => inner.Signature;

    public IReadOnlyList<Field> Inputs => Columns;

    public string FormatId => Format;

    public void Predict(in RowBlock rows, Span<double> output, PredictScratch scratch)
    {
        Span<float> vector = stackalloc float[2];
        var outputs = Signature.Outputs;
        for (var row = 0; row < rows.Count; row++)
        {
            for (var i = 0; i < 2; i++) vector[i] = rows.IsNull(i, row) ? 0 : Read(rows.Number(i, row));
            inner.Predict(new FeatureBlock(vector, 2), output.Slice(row * outputs, outputs), scratch);
        }
    }

    public void Save(IBufferWriter<byte> to) => inner.Save(to);

    public void Dispose() => inner.Dispose();

    /// <summary>A number as a feature: 0 where there is none.</summary>
    public static float Read(double number) => double.IsNaN(number) ? 0 : (float)number;
}
