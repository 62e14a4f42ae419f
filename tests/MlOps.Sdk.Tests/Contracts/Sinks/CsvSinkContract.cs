using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class CsvSinkContract : DataSinkContract
{
    private readonly TempFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "rows.csv");

    [TearDown]
    public void DeleteFolder()
    {
        var files = Directory.GetFiles(_folder.Path);
        _folder.Dispose();
        Assert.That(files, Is.SubsetOf(new[] { File }), "no temporary file is left");
    }

    protected override IDataSink Create() => DataSinks.Csv(File, options => options.NullToken = "\\N");

    // The source refuses a file without rows.
    protected override async ValueTask<Dataset?> ReadAsync(Schema schema) =>
        !System.IO.File.Exists(File) ? null
        : System.IO.File.ReadAllLines(File) is [var header] ? HasColumns(header, schema)
        : await DataSources.Csv(File, options =>
        {
            options.Schema = schema;
            options.NullTokens.Clear();
            options.NullTokens.Add("\\N");
        }).ReadAllAsync();

    private static Dataset HasColumns(string header, Schema schema)
    {
        Assert.That(header, Is.EqualTo(string.Join(',', schema.Select(field => field.Name))));
        return Dataset.FromBatches(schema, []);
    }
}
