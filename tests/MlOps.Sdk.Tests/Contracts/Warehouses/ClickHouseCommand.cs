using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>
/// A statement, sent as the body of a request; texts of parameters are put in as literals, since old servers know no parameters.
/// </summary>
internal sealed partial class ClickHouseCommand(string address) : DbCommand
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromMinutes(2) };
    private readonly NpgsqlCommand _parameters = new();

    [AllowNull]
    public override string CommandText { get; set; } = "";

    public override int CommandTimeout { get; set; }

    public override CommandType CommandType { get; set; }

    public override bool DesignTimeVisible { get; set; }

    public override UpdateRowSource UpdatedRowSource { get; set; }

    protected override DbConnection? DbConnection { get; set; }

    protected override DbParameterCollection DbParameterCollection => _parameters.Parameters;

    protected override DbTransaction? DbTransaction { get; set; }

    public override void Cancel()
    {
    }

    public override void Prepare()
    {
    }

    public override int ExecuteNonQuery() => throw new NotSupportedException();

    public override object ExecuteScalar() => throw new NotSupportedException();

    public static async Task<string> SendAsync(string address, string sql, CancellationToken cancellationToken = default)
    {
        using var content = new StringContent(sql);

        // A server of 2018 works on when its client has gone.
        var url = new Uri(
            $"{address}/?output_format_json_quote_denormals=1&output_format_json_quote_64bit_integers=1&max_execution_time=30");
        using var answer = await Http.PostAsync(url, content, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode ? text : throw new ClickHouseFailure(text.Trim());
    }

    public static async Task InsertAsync(string address, string sql, byte[] rows)
    {
        using var content = new ByteArrayContent(rows);
        using var answer = await Http.PostAsync(new Uri($"{address}/?query={Uri.EscapeDataString(sql)}"), content);
        if (!answer.IsSuccessStatusCode) throw new ClickHouseFailure(await answer.Content.ReadAsStringAsync());
    }

    protected override DbParameter CreateDbParameter() => new NpgsqlParameter();

    protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => throw new NotSupportedException();

    protected override async Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken)
    {
        var sql = Placeholders().Replace(CommandText, match => Literal((string)_parameters.Parameters[match.Value[1..]].Value!));
        using var answer = JsonDocument.Parse(await SendAsync(address, $"{sql} FORMAT JSONCompact", cancellationToken));
        using var table = new DataTable { Locale = CultureInfo.InvariantCulture };
        foreach (var column in answer.RootElement.GetProperty("meta").EnumerateArray())
        {
            table.Columns.Add(column.GetProperty("name").GetString()!, TypeOf(column.GetProperty("type").GetString()!));
        }

        foreach (var row in answer.RootElement.GetProperty("data").EnumerateArray())
        {
            table.Rows.Add([.. row.EnumerateArray().Select((value, i) => ValueOf(value, table.Columns[i].DataType))]);
        }

        return table.CreateDataReader();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _parameters.Dispose();
        base.Dispose(disposing);
    }

    private static string Literal(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";

    private static Type TypeOf(string type) => type.Replace("Nullable(", "", StringComparison.Ordinal).TrimEnd(')') switch
    {
        "Float64" or "Float32" => typeof(double),
        "String" or "Nothing" => typeof(string),
        "DateTime" or "Date" => typeof(DateTime),
        "UInt64" => typeof(ulong),
        _ => typeof(long),
    };

    private static object ValueOf(JsonElement value, Type type)
    {
        if (value.ValueKind == JsonValueKind.Null) return DBNull.Value;
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        if (type == typeof(string)) return text;
        if (type == typeof(double))
        {
            return text switch
            {
                "inf" => double.PositiveInfinity,
                "-inf" => double.NegativeInfinity,
                "nan" or "-nan" => double.NaN,
                _ => double.Parse(text, CultureInfo.InvariantCulture),
            };
        }
        if (type == typeof(DateTime))
        {
            return DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        }
        return type == typeof(ulong) ? ulong.Parse(text, CultureInfo.InvariantCulture) : long.Parse(text, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("@p[0-9]+")]
    private static partial Regex Placeholders();
}
