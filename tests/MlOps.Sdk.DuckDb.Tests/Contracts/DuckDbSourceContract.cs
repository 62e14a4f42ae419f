using System.Globalization;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tests;
using NUnit.Framework;

namespace MlOps.Sdk.DuckDb.Tests.Contracts;

internal sealed class DuckDbSourceContract : DataSourceContract
{
    private readonly TempFolder _folder = new();

    [OneTimeTearDown]
    public void Delete() => _folder.Dispose();

    protected override ValueTask<IDataSource> CreateAsync() => ValueTask.FromResult(SourceOf("rows.csv", 23));

    protected override ValueTask<IDataSource?> CreateOtherAsync() => ValueTask.FromResult<IDataSource?>(SourceOf("other.csv", 24));

    protected override ValueTask<IDataSource?> CreateSlowAsync(TimeSpan limit) => ValueTask.FromResult<IDataSource?>(DataSources.DuckDb(
        "SELECT count(*) AS n FROM range(100000000000) t(a) WHERE a % 7 = hash(a) % 7", duck => duck.Reading.CommandTimeout = limit));

    private IDataSource SourceOf(string name, int rows)
    {
        var lines = Enumerable.Range(1, rows).Select(row => string.Create(
            CultureInfo.InvariantCulture, $"{row},{(row % 5 == 0 ? "" : row / 4.0)},\"é, {row % 3}\",2024-01-{1 + row % 28:00} 10:00:00"));
        var path = _folder.Write(name, $"id,amount,text,at\n{string.Join('\n', lines)}\n");
        return DataSources.DuckDb($"SELECT * FROM '{path}' WHERE id > $after ORDER BY id", duck =>
        {
            duck.Files.Add(path);
            duck.Reading.Increasing("id", parameter: "after");
        });
    }
}
