namespace MlOps.Sdk.Collection;

/// <summary>The dialects that come with the library; that of DuckDB comes with the package MlOps.Sdk.DuckDb.</summary>
public static class WarehouseDialects
{
    /// <summary>PostgreSQL 15 and later, with Npgsql.</summary>
    public static WarehouseDialect PostgreSql { get; } = new PostgreSqlDialect();

    /// <summary>
    /// ClickHouse. It is proved on two shards of a server of 2018 over the server's HTTP interface, since the provider ClickHouse.Driver
    /// 1.5 refuses so old a server; with that provider it was not run. There is no snapshot, so rows that change while a table is asked
    /// are an error where counts tell.
    /// </summary>
    public static WarehouseDialect ClickHouse { get; } = new ClickHouseDialect();
}
