using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using MlOps.Sdk.Data;
using MlOps.Sdk.Diagnostics;

namespace MlOps.Sdk.Collection;

/// <summary>
/// A connection on which a table is asked, all statements in one snapshot where the database has such; elsewhere, and over files, rows that
/// change meanwhile are an error as far as counts and files tell. Statements select from <see cref="From"/> what
/// <see cref="TableColumn.Value"/> reads. Not thread-safe.
/// </summary>
internal sealed class TableReading : IAsyncDisposable
{
    private readonly DbConnection _connection;
    private DbTransaction? _snapshot;
    private Func<CancellationToken, ValueTask<string>>? _files;
    private string? _stamp;
    private long? _rows;
    private int _statements;

    private TableReading(WarehouseTable table, DbConnection connection) => (Table, _connection) = (table, connection);

    public WarehouseTable Table { get; }

    public WarehouseDialect Dialect => Table.Warehouse.Dialect;

    public Schema Schema { get; private set; } = null!;

    public IReadOnlyList<TableColumn> Columns { get; private set; } = [];

    /// <summary>The columns of the partition key as SQL, each with a comma behind it.</summary>
    public string Partitions { get; private set; } = "";

    /// <summary>How many columns of an answer tell the part.</summary>
    public int PartitionCount => Table.Partitions.Count;

    /// <exception cref="MlOpsException">The table cannot be read, or a column has a type that is not supported.</exception>
    public static async Task<TableReading> OpenAsync(WarehouseTable table, CancellationToken cancellationToken)
    {
        DbConnection? connection = null;
        try
        {
            connection = await table.Warehouse.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            var reading = new TableReading(table, connection);
            if (table.Warehouse.Database is IEmbeddedDatabase embedded)
            {
                reading._files = await embedded.WatchAsync(connection, table.Relation, cancellationToken).ConfigureAwait(false);
            }
            if (reading._files is { } files) reading._stamp = await files(cancellationToken).ConfigureAwait(false);
            if (table.Warehouse.Dialect.Snapshot is { } isolation)
            {
                reading._snapshot = await connection.BeginTransactionAsync(isolation, cancellationToken).ConfigureAwait(false);
            }
            await reading.DescribeAsync(cancellationToken).ConfigureAwait(false);
            return reading;
        }
        catch (Exception e)
        {
            if (connection is not null) await CloseAsync(connection).ConfigureAwait(false);
            if (e is MlOpsException or OutOfMemoryException) throw;
            if (cancellationToken.IsCancellationRequested) throw new OperationCanceledException(e.Message, e, cancellationToken);
            throw new MlOpsException(
                $"{table.Warehouse.Name} cannot be reached: {Secrets.Blank(e.Message)}",
                "Check the connection and that the server runs.",
                e) { DataSource = table.Name };
        }
    }

    public TableColumn Column(string name) => Columns[Schema.IndexOf(name)];

    /// <summary>The table as what follows FROM; its alias is one that statements use for nothing else.</summary>
    public string From => $"FROM {Table.Relation} AS mlops_rows";

    /// <summary>A statement over named expressions, grouped by parts and, where given, by something else.</summary>
    /// <param name="layers">The names, each layer over those before.</param>
    /// <param name="answer">What is selected beside the parts.</param>
    /// <param name="key">What it is grouped by; <see langword="null"/> for parts alone.</param>
    /// <param name="isGrouped">Whether it is grouped at all.</param>
    public string Statement(IReadOnlyList<TableLayer> layers, string answer, string? key = null, bool isGrouped = true)
    {
        var (from, where, names) = (From, "", new List<string>());
        if (Dialect.NamesExpressions)
        {
            var conditions = layers.Where(layer => layer.Where is not null).Select(layer => layer.Where!).ToArray();
            if (conditions.Length > 0) where = $" WHERE {string.Join(" AND ", conditions)}";
            names.AddRange(layers.SelectMany(layer => layer.Values).Select(value => $"{value.Value} AS {value.Name}"));
        }
        else
        {
            for (var i = 0; i < layers.Count; i++)
            {
                var selected = names.Concat(layers[i].Values.Select(value => $"{value.Value} AS {value.Name}"));
                var alias = string.Create(CultureInfo.InvariantCulture, $"mlops_layer{i}");
                from = $"FROM (SELECT {Partitions}{string.Join(", ", selected)} {from}{where}) AS {alias}";
                where = layers[i].Where is { } condition ? $" WHERE {condition}" : "";
                names.AddRange(layers[i].Values.Select(value => value.Name));
            }
        }

        var with = Dialect.NamesExpressions ? $"WITH {string.Join(", ", names)} " : "";
        return $"{with}SELECT {Partitions}{answer} {from}{where}{(isGrouped ? TableFacts.GroupBy(this, key) : "")}";
    }

    /// <summary>The rows of an answer, one after the other, each as the provider gives its values.</summary>
    /// <param name="step">What is asked, for messages.</param>
    /// <param name="sql">The statement.</param>
    /// <param name="row">Takes a row.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    /// <param name="parameters">Values for <see cref="Parameter"/>.</param>
    /// <param name="columns">The columns of which the values behind the parts tell, for messages.</param>
    /// <exception cref="MlOpsException">The statement failed, or its answer has a value that cannot be read.</exception>
    public async Task ReadAsync(
        string step,
        string sql,
        Action<object[]> row,
        CancellationToken cancellationToken,
        IReadOnlyList<object>? parameters = null,
        IReadOnlyList<string?>? columns = null)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _statements++;
        Table.Warehouse.Progress?.Report(new WarehouseProgress(Table.Name, step, _statements));
        using var span = Telemetry.Source.StartActivity("warehouse statement", ActivityKind.Client);
        span?.SetTag("db.system.name", Dialect.Name);
        span?.SetTag("mlops.warehouse.table", Table.Name);
        span?.SetTag("mlops.warehouse.step", step);
        try
        {
            await ExecuteAsync(sql, parameters, $"the {step} of", async (reader, token) =>
            {
                while (await reader.ReadAsync(token).ConfigureAwait(false))
                {
                    var values = new object[reader.FieldCount];
                    for (var i = 0; i < values.Length; i++) values[i] = ValueOf(reader, i, step, columns);
                    row(values);
                }
            }, e => new MlOpsException(
                $"{Table.Warehouse.Name} failed on the {step} of '{Table.Name}': {Secrets.Blank(e.Message)}",
                "Check the table or query with the database's own tool; a statement that takes too long needs a longer CommandTimeout; " +
                    "values that cannot be converted can be replaced by null with Warehouse.Query(…).",
                e) { DataSource = Table.Name }, cancellationToken).ConfigureAwait(false);
        }
        catch (MlOpsException)
        {
            span?.SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }

    /// <summary>How a statement refers to a parameter of <see cref="ReadAsync"/>.</summary>
    public string Parameter(int index) => Dialect.Parameter(ParameterName(index));

    /// <summary>A count; nothing is 0.</summary>
    public static long Long(object value) => value switch
    {
        DBNull => 0,
        long whole => whole,
        BigInteger large => (long)large,
        double number => (long)number,
        string text => long.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
        _ => Convert.ToInt64(value, CultureInfo.InvariantCulture),
    };

    /// <summary>A point in time in microseconds since 1970, as <see cref="WarehouseDialect.ToMicroseconds"/> has it.</summary>
    public static long Microseconds(object value)
    {
        var ticks = value switch
        {
            DateTime { Kind: DateTimeKind.Local } time => time.ToUniversalTime().Ticks,
            DateTime time => time.Ticks,
            DateTimeOffset time => time.UtcTicks,
            DateOnly date => date.ToDateTime(TimeOnly.MinValue).Ticks,
            _ => throw new MlOpsException($"The provider gives {value.GetType().Name} for a time.", "Cast the column to a timestamp."),
        };
        return (ticks - ticks % TimeSpan.TicksPerMicrosecond - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
    }

    /// <summary>A number; nothing is NaN.</summary>
    public static double Double(object value) => value switch
    {
        DBNull => double.NaN,
        double number => number,
        BigInteger large => (double)large,
        _ => Convert.ToDouble(value, CultureInfo.InvariantCulture),
    };

    /// <summary>Takes the number of rows that a statement counted, which is that of all statements.</summary>
    /// <exception cref="MlOpsException">It is not.</exception>
    public void RequireRows(long rows)
    {
        _rows ??= rows;
        if (_rows != rows) throw Changed();
    }

    /// <summary>Makes sure, behind the last statement, that all of them saw the same rows, as far as this can be told.</summary>
    /// <exception cref="MlOpsException">They did not.</exception>
    public async Task RequireUnchangedAsync(CancellationToken cancellationToken)
    {
        if (_files is not null && await _files(cancellationToken).ConfigureAwait(false) != _stamp) throw Changed();
        if (Dialect.Snapshot is null && _statements > 1) await CountAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Counts the rows.</summary>
    public async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        long rows = 0;
        await ReadAsync(
            "count of rows",
            $"SELECT {Partitions}count(*) {From}{TableFacts.GroupBy(this)}",
            row => rows += Long(row[^1]),
            cancellationToken).ConfigureAwait(false);
        RequireRows(rows);
        return rows;
    }

    /// <summary>The error for rows that changed between two statements.</summary>
    public MlOpsException Changed() => new(
        $"The rows of '{Table.Name}' changed while they were counted.",
        "Ask again when nothing writes to them, or ask a copy.") { DataSource = Table.Name };

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_snapshot is not null) await _snapshot.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Nothing was written: what a broken connection says to its end must not hide why it broke.
        }

        await CloseAsync(_connection).ConfigureAwait(false);
    }

    private static async ValueTask CloseAsync(DbConnection connection)
    {
        try
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // As above.
        }
    }

    // Providers throw what they like: one over HTTP no DbException, and one whose statement is cancelled a DbException.
    private async Task ExecuteAsync(
        string sql,
        IReadOnlyList<object>? parameters,
        string what,
        Func<DbDataReader, CancellationToken, Task> read,
        Func<Exception, MlOpsException> failure,
        CancellationToken cancellationToken)
    {
        var command = _connection.CreateCommand();
        await using (command.ConfigureAwait(false))
        {
            using var time = new StatementTime(command, Table.Warehouse.CommandTimeout, cancellationToken);
            try
            {
                command.Transaction = _snapshot;
                command.CommandText = sql;
                for (var i = 0; i < (parameters?.Count ?? 0); i++)
                {
                    var parameter = command.CreateParameter();
                    (parameter.ParameterName, parameter.Value) = (ParameterName(i), parameters![i]);
                    command.Parameters.Add(parameter);
                }

                var reader = await command.ExecuteReaderAsync(time.Token).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false)) await read(reader, time.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not (MlOpsException or OutOfMemoryException))
            {
                if (cancellationToken.IsCancellationRequested) throw new OperationCanceledException(e.Message, e, cancellationToken);
                throw !time.IsOver ? failure(e) : new MlOpsException(
                    $"{Table.Warehouse.Name} did not answer {what} '{Table.Name}' within the CommandTimeout of {time.Limit}.",
                    "Give a statement more time with WarehouseOptions.CommandTimeout, or ask for fewer rows or columns with " +
                        "Warehouse.Query(…).",
                    e) { DataSource = Table.Name };
            }
        }
    }

    // Providers throw what they like for a value that .NET does not have, such as an infinite time.
    private object ValueOf(DbDataReader reader, int field, string step, IReadOnlyList<string?>? columns)
    {
        try
        {
            return reader.GetValue(field);
        }
        catch (Exception e) when (e is not (DbException or IOException or OperationCanceledException or OutOfMemoryException))
        {
            var column = columns?.ElementAtOrDefault(field - PartitionCount);
            var subject = column is null ? $"'{Table.Name}'" : $"the column '{column}' of '{Table.Name}'";
            throw new MlOpsException(
                $"{Table.Warehouse.Name} gave a value in the {step} of {subject} that cannot be read: {Secrets.Blank(e.Message)}",
                "Replace values that .NET does not have, such as infinite times, by null with Warehouse.Query(…).",
                e) { DataSource = Table.Name, Column = column };
        }
    }

    private static string ParameterName(int index) => string.Create(CultureInfo.InvariantCulture, $"p{index}");

    private async Task DescribeAsync(CancellationToken cancellationToken)
    {
        List<(string Name, Type Type, string DatabaseType)> found = [];
        await ExecuteAsync($"SELECT * {From} LIMIT 0", null, "the columns of", (reader, _) =>
        {
            for (var i = 0; i < reader.FieldCount; i++) found.Add((reader.GetName(i), reader.GetFieldType(i), reader.GetDataTypeName(i)));
            return Task.CompletedTask;
        }, e => new MlOpsException(
            $"{Table.Warehouse.Name} cannot read '{Table.Name}': {Secrets.Blank(e.Message)}",
            "Check the name (Table takes schema and table apart, without quotes) or the query.",
            e) { DataSource = Table.Name }, cancellationToken).ConfigureAwait(false);
        if (found.Count == 0)
        {
            throw new MlOpsException($"'{Table.Name}' has no columns.", "Name a table or a query that has.") { DataSource = Table.Name };
        }
        var fields = new List<Field>();
        var columns = new List<TableColumn>();
        foreach (var (name, clr, databaseType) in found)
        {
            if (Dialect.TypeOf(clr, databaseType) is not { } type || type == ColumnType.Vector)
            {
                throw new MlOpsException(
                    $"The column '{name}' is of type {databaseType}, which no column type supports.",
                    "Leave it out, or cast it, with Warehouse.Query(…).") { DataSource = Table.Name, Column = name };
            }
            fields.Add(new Field(name, type));
            columns.Add(new TableColumn(name, type, ValueOf(Dialect.Quote(name), type, databaseType), Dialect.Quote(name)));
        }

        (Schema, Columns) = (new Schema(fields), columns);
        NearestName.Require(Table.Partitions, "PartitionedBy", Schema);
        Partitions = string.Concat(Table.Partitions.Select(column => $"{Dialect.Quote(column)}, "));
    }

    private string ValueOf(string quoted, ColumnType type, string databaseType) => type switch
    {
        ColumnType.Number => Dialect.ToDouble(quoted, databaseType),
        ColumnType.Integer => Dialect.ToInteger(quoted, databaseType),
        ColumnType.Boolean => Dialect.ToFlag(quoted),
        ColumnType.Timestamp => Dialect.ToMicroseconds(quoted, databaseType),
        _ => Dialect.ToText(quoted, databaseType),
    };
}
