using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>No connection is kept: each command is a request.</summary>
internal sealed class ClickHouseConnection(string address) : DbConnection
{
    [AllowNull]
    public override string ConnectionString { get; set; } = address;

    public override string Database => "default";

    public override string DataSource => ConnectionString;

    public override string ServerVersion => "";

    public override ConnectionState State => ConnectionState.Open;

    public override void Open()
    {
    }

    public override void Close()
    {
    }

    public override void ChangeDatabase(string databaseName) => throw new NotSupportedException();

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => throw new NotSupportedException();

    protected override DbCommand CreateDbCommand() => new ClickHouseCommand(ConnectionString);
}
