using MlOps.Sdk;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace CustomExtension.Tests;

/// <summary>What every data source promises, on this one; and what this one alone does.</summary>
[TestFixture]
public sealed class FixedWidthSourceTests : DataSourceContract
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fixed-width-");

    [OneTimeTearDown]
    public void DeleteFolder() => _folder.Delete(recursive: true);

    protected override ValueTask<IDataSource> CreateAsync() =>
        ValueTask.FromResult(Source("  10.5basic\n      pro\n   7\n   8.5plus\n    -1pro\n"));

    protected override ValueTask<IDataSource?> CreateOtherAsync() =>
        ValueTask.FromResult<IDataSource?>(Source("  99.5basic\n      pro\n   7\n   8.5plus\n    -1pro\n"));

    [Test]
    public async Task ReadAsync_BlanksAndShortLines_AreMissingValues()
    {
        await using var scan = await Source("  10.5basic\n      pro\n   7\n").OpenAsync(ReadRequest.All);
        var rows = await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync());

        Assert.That(rows["amount"].GetNumber(0), Is.EqualTo(10.5));
        Assert.That(rows["amount"].IsNull(1), Is.True);
        Assert.That(rows["plan"].GetText(1), Is.EqualTo("pro"));
        Assert.That(rows["plan"].IsNull(2), Is.True);
    }

    [Test]
    public async Task ReadAsync_NoNumber_SaysWhere()
    {
        await using var scan = await Source("  10.5basic\n   no pro\n").OpenAsync(ReadRequest.All);

        Assert.That(
            async () => await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync()),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("line 2").And.Message.Contains("amount"));
    }

    private IDataSource Source(string text)
    {
        var path = Path.Combine(_folder.FullName, $"{Guid.NewGuid():N}.txt");
        File.WriteAllText(path, text);
        return new FixedWidthSource(
            path, new FixedWidthColumn("amount", ColumnType.Number, 0, 6), new FixedWidthColumn("plan", ColumnType.Text, 6, 5));
    }
}
