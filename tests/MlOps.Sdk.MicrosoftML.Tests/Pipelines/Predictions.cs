using System.Buffers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>What tests ask models.</summary>
internal static class Predictions
{
    /// <summary>All rows in one call.</summary>
    public static double[] Of(IRowModel model, Dataset rows)
    {
        using var scratch = new PredictScratch();
        var output = new double[rows.RowCount * model.Signature.Outputs];
        model.Predict(new RowBlock(Columns(model.Inputs, rows), 0, rows.RowCount), output, scratch);
        return output;
    }

    /// <summary>Row by row with one scratch, as serving does.</summary>
    public static double[] OneByOne(IRowModel model, Dataset rows)
    {
        using var scratch = new PredictScratch();
        var outputs = model.Signature.Outputs;
        var output = new double[rows.RowCount * outputs];
        var columns = Columns(model.Inputs, rows);
        for (var row = 0; row < rows.RowCount; row++)
        {
            model.Predict(new RowBlock(columns, row, 1), output.AsSpan(row * outputs, outputs), scratch);
        }

        return output;
    }

    public static Column[] Columns(IReadOnlyList<Field> inputs, Dataset rows) => [.. inputs.Select(field => rows[field.Name])];

    public static long[] Bits(double[] values) => Array.ConvertAll(values, BitConverter.DoubleToInt64Bits);

    public static byte[] Save(Action<IBufferWriter<byte>> save)
    {
        var buffer = new ArrayBufferWriter<byte>();
        save(buffer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Readers of the package, as a workspace has them.</summary>
    public static FormatReaders Readers(params string[] assemblies)
    {
        var options = new WorkspaceOptions();
        options.UseMicrosoftML(assemblies);
        return options.Readers;
    }
}
