using System.Data.Common;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>
/// A server of ClickHouse over its HTTP interface, as far as a warehouse needs a provider: the one of ADO.NET refuses old servers.
/// </summary>
internal sealed class ClickHouseServer(string address) : DbDataSource
{
    public override string ConnectionString => address;

    protected override DbConnection CreateDbConnection() => new ClickHouseConnection(address);
}
