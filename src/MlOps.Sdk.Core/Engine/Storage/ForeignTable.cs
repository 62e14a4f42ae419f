using System.Data.Common;
using System.Globalization;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Storage;

/// <summary>
/// The SQL with which rows are added to a table of any database, not the workspace's own. Names are always quoted, so that no character
/// of a name is SQL; values are parameters. Immutable.
/// </summary>
internal sealed class ForeignTable
{
    private const int LongestName = 128;
    private readonly string _before;
    private readonly string _behind;
    private readonly string _table;

    private ForeignTable(string before, string behind, string[] parts)
    {
        (_before, _behind) = (before, behind);
        _table = string.Join('.', parts.Select(Quote));
    }

    /// <summary>A statement without rows, whose columns are those of the table.</summary>
    public string Probe => $"SELECT * FROM {_table} WHERE 1 = 0";

    /// <summary>The table, with the quotes of the connection's provider; with those of the standard where it names none.</summary>
    public static ForeignTable Of(DbConnection connection, string[] parts)
    {
        using var builder = DbProviderFactories.GetFactory(connection)?.CreateCommandBuilder();
        return builder is { QuotePrefix: { Length: > 0 } before, QuoteSuffix: { Length: > 0 } behind }
            ? new ForeignTable(before, behind, parts)
            : new ForeignTable("\"", "\"", parts);
    }

    /// <summary>The parts of a table's name: its own, and before a dot that of the schema which it is in.</summary>
    /// <exception cref="MlOpsException">It is not a name.</exception>
    public static string[] PartsOf(string table)
    {
        var parts = table.Split('.');
        foreach (var part in parts)
        {
            if (Problem(part) is { } problem)
            {
                throw new MlOpsException($"The name of the table {problem}.", "Give the name of a table, or of a schema and a table: a.b.");
            }
        }

        return parts;
    }

    /// <summary>What keeps a text from being a name; <see langword="null"/> when nothing does.</summary>
    public static string? Problem(string name) =>
        string.IsNullOrWhiteSpace(name) ? "is empty"
        : name.Length > LongestName ? FormattableString.Invariant($"has more than {LongestName} characters")
        : name.Any(char.IsControl) ? "has control characters"
        : null;

    /// <summary>The name of a parameter, from 0.</summary>
    public static string ParameterOf(int index) => string.Create(CultureInfo.InvariantCulture, $"@p{index}");

    /// <summary>Creates the table where it is missing.</summary>
    public string Create(Schema schema) =>
        $"CREATE TABLE IF NOT EXISTS {_table} ({string.Join(", ", schema.Select(field => $"{Quote(field.Name)} {TypeOf(field)}"))})";

    /// <summary>Adds rows, with a parameter for each value, row after row.</summary>
    public string Insert(Schema schema, int rows)
    {
        var sql = new StringBuilder($"INSERT INTO {_table} ({string.Join(", ", schema.Select(field => Quote(field.Name)))}) VALUES ");
        for (var row = 0; row < rows; row++)
        {
            sql.Append(row == 0 ? "(" : ", (")
                .AppendJoin(", ", Enumerable.Range(row * schema.Count, schema.Count).Select(ParameterOf))
                .Append(')');
        }

        return sql.ToString();
    }

    private static string TypeOf(Field field) => field.Type switch
    {
        ColumnType.Number => "DOUBLE PRECISION",
        ColumnType.Integer => "BIGINT",
        ColumnType.Boolean => "BOOLEAN",
        ColumnType.Timestamp => "TIMESTAMP WITH TIME ZONE",
        _ => "TEXT",
    };

    private string Quote(string name) => _before + name.Replace(_behind, _behind + _behind, StringComparison.Ordinal) + _behind;
}
