using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests;

/// <summary>A folder for each test.</summary>
public abstract class ParquetFixture
{
    private TempFolder? _folder;

    internal TempFolder Folder => _folder!;

    [SetUp]
    public void CreateFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder!.Dispose();
}
