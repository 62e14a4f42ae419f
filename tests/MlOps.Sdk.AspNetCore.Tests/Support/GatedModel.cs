using System.Buffers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>A model with code of its own: it waits at a gate for rows of certain numbers, and throws for others.</summary>
internal sealed class GatedModel : IRowModel
{
    public const string Format = "tests.gated/1";
    public const double Waits = 666;
    public const double Throws = 667;
    public const double WaitsAndThrows = 668;

    public static SemaphoreSlim Gate { get; } = new(0);

    public ModelSignature Signature { get; } = new(TaskKind.BinaryClassification, 1, 1);

    public IReadOnlyList<Field> Inputs { get; } = [new("spend", ColumnType.Number)];

    public string FormatId => Format;

    public void Predict(in RowBlock rows, Span<double> output, PredictScratch scratch)
    {
        for (var row = 0; row < rows.Count; row++)
        {
            var spend = rows.Number(0, row);
            if (spend is Waits or WaitsAndThrows) Gate.Wait();
            if (spend == WaitsAndThrows) throw new FileNotFoundException("It failed late.");
            if (spend == Throws) throw new FileNotFoundException("The file /var/secret/place is gone; password=hunter2");
            output[row] = double.IsNaN(spend) ? 0.5 : 1 / (1 + Math.Exp((50 - spend) / 10));
        }
    }

    public void Save(IBufferWriter<byte> to)
    {
    }

    public void Dispose()
    {
    }

    internal sealed class Reader : IFormatReader<IRowModel>
    {
        public string FormatId => Format;

        public IRowModel Read(ReadOnlyMemory<byte> bytes) => new GatedModel();
    }
}
