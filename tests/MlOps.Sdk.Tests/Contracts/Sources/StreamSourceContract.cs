using System.Threading.Channels;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

[TestFixtureSource(nameof(Kinds))]
public sealed class StreamSourceContract(string kind) : DataSourceContract
{
    public static IEnumerable<string> Kinds => ["sequence", "channel"];

    protected override ValueTask<IDataSource> CreateAsync()
    {
        var rows = Enumerable.Range(0, 11)
            .Select(i => new { Id = i, Name = i % 3 == 0 ? null : $"n{i}", Amount = i % 4 == 0 ? (double?)null : i / 7.0 })
            .ToArray();
        if (kind == "sequence") return ValueTask.FromResult(DataSources.Objects(rows.ToAsyncEnumerable(), "rows"));
        return ValueTask.FromResult(Fill(rows));

        static IDataSource Fill<T>(T[] items)
        {
            var channel = Channel.CreateUnbounded<T>();
            foreach (var item in items) channel.Writer.TryWrite(item);
            channel.Writer.Complete();
            return DataSources.Channel(channel.Reader, "rows");
        }
    }
}
