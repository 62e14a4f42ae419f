using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class ArrowSinkContract : DataSinkContract
{
    private readonly TempFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "rows.arrow");

    [TearDown]
    public void DeleteFolder()
    {
        var files = Directory.GetFiles(_folder.Path);
        _folder.Dispose();
        Assert.That(files, Is.SubsetOf(new[] { File }), "no temporary file is left");
    }

    protected override IDataSink Create() => DataSinks.Arrow(File);

    protected override async ValueTask<Dataset?> ReadAsync(Schema schema) =>
        System.IO.File.Exists(File) ? await DataSources.Arrow(File).ReadAllAsync() : null;
}
