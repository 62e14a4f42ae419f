using Acme;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs.Plugins;

public sealed class JsonLinesSourceContract : DataSourceContract
{
    private static readonly Schema Columns = new(new Field("amount", ColumnType.Number), new Field("plan", ColumnType.Text));
    private readonly TempFolder _folder = new();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    protected override ValueTask<IDataSource> CreateAsync() => ValueTask.FromResult(Lines("first", 9));

    protected override ValueTask<IDataSource?> CreateOtherAsync() => ValueTask.FromResult<IDataSource?>(Lines("other", 8));

    private IDataSource Lines(string name, int rows) => new JsonLinesSource(
        _folder.Write(
            name + ".jsonl",
            string.Concat(Enumerable.Range(0, rows)
                .Select(i => $$"""{"amount":{{(i % 4 == 0 ? "null" : i)}},"plan":"p{{i % 3}}"}""" + "\n"))),
        Columns);
}
