using DuckDB.NET.Data;

namespace MlOps.Sdk.Parquet.Tests;

/// <summary>DuckDB in memory: an implementation of Parquet of its own, to write for us and to read what we write.</summary>
internal static class Duck
{
    public static void Run(string sql)
    {
        using var database = Open();
        using var command = database.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static object?[][] Query(string sql)
    {
        using var database = Open();
        using var command = database.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<object?[]>();
        while (reader.Read())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))]);
        }

        return [.. rows];
    }

    private static DuckDBConnection Open()
    {
        var database = new DuckDBConnection("DataSource=:memory:");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = "SET threads = 1; SET memory_limit = '512MB'; SET TimeZone = 'UTC'";
        command.ExecuteNonQuery();
        return database;
    }
}
