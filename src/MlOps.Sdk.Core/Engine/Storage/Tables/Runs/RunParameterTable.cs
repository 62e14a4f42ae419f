using System.Data.Common;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>The parameters of runs: text by name, the last value wins.</summary>
internal static class RunParameterTable
{
    public static void Put(DbConnection connection, long run, string name, string value) =>
        connection.Execute(
            "INSERT OR REPLACE INTO run_parameters(run, name, value) VALUES (@run, @name, @value)",
            new { run, name, value });

    public static IReadOnlyDictionary<string, string> Read(DbConnection connection, string runId) =>
        connection.Query<(string Name, string Value)>(
            "SELECT p.name, p.value FROM run_parameters p JOIN runs r ON r.no = p.run WHERE r.id = @runId ORDER BY p.name", new { runId })
            .ToDictionary(row => row.Name, row => row.Value, StringComparer.Ordinal);
}
