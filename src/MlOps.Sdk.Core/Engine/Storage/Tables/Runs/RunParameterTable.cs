using System.Data.Common;
using System.Globalization;
using Dapper;

namespace MlOps.Sdk.Storage;

/// <summary>The parameters of runs: texts by name, and as numbers where they are numbers.</summary>
internal static class RunParameterTable
{
    /// <summary>Writes a parameter, over what it was.</summary>
    public static void Put(DbConnection connection, long run, string name, string value) =>
        connection.Execute(
            "INSERT OR REPLACE INTO run_parameters(run, name, value, number) VALUES (@run, @name, @value, @number)",
            new { run, name, value, number = NumberOf(value) });

    /// <summary>Writes parameters, over what they were.</summary>
    public static void Put(DbConnection connection, long run, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        using var insert = new PreparedStatement(
            connection, "INSERT OR REPLACE INTO run_parameters(run, name, value, number) VALUES (?, ?, ?, ?)");
        insert.Bind(1, run);
        foreach (var (name, value) in parameters)
        {
            insert.Bind(2, name).Bind(3, value);
            if (NumberOf(value) is { } number) insert.Bind(4, number).Run();
            else insert.BindNull(4).Run();
        }
    }

    /// <summary>Writes a parameter that is not there.</summary>
    /// <returns>The value that was there; <see langword="null"/> when there was none.</returns>
    public static string? PutOnce(DbConnection connection, long run, string name, string value)
    {
        var former = connection.QueryFirstOrDefault<string>(
            "SELECT value FROM run_parameters WHERE run = @run AND name = @name", new { run, name });
        if (former is null) Put(connection, run, name, value);
        return former;
    }

    public static IReadOnlyDictionary<string, string> Read(DbConnection connection, string runId) =>
        connection.Query<(string Name, string Value)>(
            "SELECT p.name, p.value FROM run_parameters p JOIN runs r ON r.no = p.run WHERE r.id = @runId ORDER BY p.name", new { runId })
            .ToDictionary(row => row.Name, row => row.Value, StringComparer.Ordinal);

    // A search compares numbers as numbers.
    private static double? NumberOf(string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
}
