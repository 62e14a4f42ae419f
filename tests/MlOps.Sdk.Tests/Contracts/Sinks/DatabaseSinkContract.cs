using System.Data.Common;
using Microsoft.Data.Sqlite;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class DatabaseSinkContract : DataSinkContract
{
    private readonly TempFolder _folder = new();

    private DbDataSource Database => SqliteFactory.Instance.CreateDataSource($"Data Source={_folder["rows.db"]};Pooling=False");

    [TearDown]
    public void Delete() => _folder.Dispose();

    protected override bool Replaces => false;

    protected override IDataSink Create() => DataSinks.Database(Database, "the \"rows\"", options => options.CreateTable = true);

    protected override async ValueTask<Dataset?> ReadAsync(Schema schema)
    {
        try
        {
            return await DataSources.Database(Database, "SELECT * FROM \"the \"\"rows\"\"\"", options => options.Schema = schema)
                .ReadAllAsync();
        }
        catch (MlOpsException e) when (e.InnerException is DbException)
        {
            return null;
        }
    }
}
