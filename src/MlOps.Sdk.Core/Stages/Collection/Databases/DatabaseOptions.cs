using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>How a query is read.</summary>
public sealed class DatabaseOptions
{
    /// <summary>A name for messages and lineage. Default: <c>database</c>.</summary>
    public string Name { get; set; } = "database";

    /// <summary>
    /// The parameters of the query, by name as the query writes it, for example <c>@region</c>. Their values are never shown or stored.
    /// </summary>
    public IDictionary<string, object?> Parameters { get; } = new Dictionary<string, object?>(StringComparer.Ordinal);

    /// <summary>
    /// How long a command may take before its first row, on every provider: one that takes longer is cancelled, and not repeated.
    /// Default: 30 seconds.
    /// </summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The columns to read, with their types; other columns of the query are not read. <see langword="null"/> (the default): all, with the
    /// types that the provider names.
    /// </summary>
    public Schema? Schema { get; set; }

    /// <summary>
    /// A query of one row whose values change whenever the rows do, for example the number of rows and the time of the latest
    /// change. With it the source has a <see cref="ContentVersion"/>, so that what follows from unchanged rows is not computed
    /// twice. Parameters are those of the query. Default: none; a source with <see cref="Increasing(string, long, string)"/> then
    /// reads all rows once again to hash them.
    /// </summary>
    public string? VersionQuery { get; set; }

    /// <summary>
    /// Tells the content of what the query reads, where there is no <see cref="VersionQuery"/> but somebody knows; content that is known
    /// and has the same stamp is returned as it is.
    /// </summary>
    internal Func<DatabaseContent?, CancellationToken, ValueTask<DatabaseContent>>? Content { get; set; }

    internal string? KeyColumn { get; private set; }

    internal QueryKey KeyStart { get; private set; } = QueryKey.Of(0);

    internal string KeyParameter { get; private set; } = "";

    /// <summary>
    /// Names a column of whole numbers that is unique and only grows, by which the query is filtered and ordered, for example
    /// <c>… WHERE id > @after ORDER BY id</c>. It makes the source repeatable, so that a reading that broke off continues where it was, and
    /// gives it a watermark for <see cref="SourceReading.OnlyNew"/>. Rows that come in a wrong order are an error. What is committed later
    /// with a smaller key is not seen: let the query keep a distance from the newest rows where that can happen.
    /// </summary>
    /// <param name="column">The column, as the query names it.</param>
    /// <param name="start">What is below every key.</param>
    /// <param name="parameter">The parameter of the query that the keys are compared with.</param>
    public void Increasing(string column, long start = 0, string parameter = "@after") => Increase(column, QueryKey.Of(start), parameter);

    /// <summary>Names a column of points in time that is unique and only grows, like the form with whole numbers.</summary>
    /// <param name="column">The column, as the query names it.</param>
    /// <param name="start">
    /// What is before every time; it is handed to the provider as it is, in UTC when it is local. Each later reading hands over the time
    /// that was read last, of the kind that the provider gave it.
    /// </param>
    /// <param name="parameter">The parameter of the query that the times are compared with.</param>
    public void Increasing(string column, DateTime start, string parameter = "@after") =>
        Increase(column, QueryKey.Of(start.Kind == DateTimeKind.Local ? start.ToUniversalTime() : start), parameter);

    internal void Validate(string sql)
    {
        if (string.IsNullOrWhiteSpace(Name)) throw new MlOpsException("The database source has no name.", "Give it one, without secrets.");
        if (CommandTimeout <= TimeSpan.Zero || CommandTimeout.TotalSeconds > int.MaxValue)
        {
            throw new MlOpsException($"{CommandTimeout} is not a valid command timeout.", "Give more than zero.");
        }
        if (Schema is { Count: 0 })
        {
            throw new MlOpsException("The schema for the query has no columns.", "Leave Schema null to use those of the query.");
        }
        if (KeyColumn is not null && !sql.Contains(KeyParameter, StringComparison.Ordinal))
        {
            throw new MlOpsException(
                $"The query does not mention {KeyParameter}.",
                $"It must return the rows whose {KeyColumn} is above " +
                    $"{KeyParameter}, in ascending order.") { DataSource = Name, Column = KeyColumn };
        }
        if (KeyColumn is not null && Parameters.ContainsKey(KeyParameter))
        {
            throw new MlOpsException(
                $"The parameter {KeyParameter} is set by the source.",
                "Remove it from Parameters, or give the key another parameter.") { DataSource = Name };
        }
    }

    private void Increase(string column, QueryKey start, string parameter)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(column);
        ArgumentException.ThrowIfNullOrWhiteSpace(parameter);
        (KeyColumn, KeyStart, KeyParameter) = (column, start, parameter);
    }
}
