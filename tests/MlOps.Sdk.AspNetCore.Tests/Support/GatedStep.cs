using System.Buffers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Processing;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>A row-wise step with code of its own: it waits at a gate for rows of a certain number.</summary>
internal sealed class GatedStep : IRowProcessor
{
    public const string Format = "tests.gated-step/1";
    public const double Waits = 666.25;

    public static SemaphoreSlim Gate { get; } = new(0);

    public string FormatId => Format;

    public void Save(IBufferWriter<byte> to)
    {
    }

    public RowBinding BindRows(Schema input)
    {
        var index = input.IndexOf("spend");
        return new RowBinding(
            input, [.. input.Select((_, i) => i == index ? OutputColumn.Computed(Wait) : OutputColumn.PassThrough(i))]);

        void Wait(in RowBlock rows, ColumnBuilder output)
        {
            for (var row = 0; row < rows.Count; row++)
            {
                if (rows.Number(index, row) == Waits) Gate.Wait();
                output.Append(rows.Column(index), rows.Start + row);
            }
        }
    }

    internal sealed class Reader : IFormatReader<IRowProcessor>
    {
        public string FormatId => Format;

        public IRowProcessor Read(ReadOnlyMemory<byte> bytes) => new GatedStep();
    }
}
