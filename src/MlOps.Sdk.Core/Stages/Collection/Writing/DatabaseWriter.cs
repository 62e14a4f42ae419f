using System.Data;
using System.Data.Common;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Collection;

/// <summary>Inserts rows in a transaction, several with a command, their values as parameters. Not thread-safe.</summary>
internal sealed class DatabaseWriter : IDataWriter
{
    /// <summary>What every database takes with a command.</summary>
    public const int MostParameters = 999;

    private readonly string _name;
    private readonly DbTransaction _transaction;
    private readonly DbConnection _connection;
    private readonly Schema _schema;
    private readonly bool[] _hasZone;
    private readonly DbCommand _many;
    private readonly DbCommand _one;
    private readonly int _rows;
    private bool _isOpen = true;

    /// <param name="name">The name of the sink.</param>
    /// <param name="transaction">The transaction, which the writer owns, and its connection, too.</param>
    /// <param name="table">The table.</param>
    /// <param name="schema">The columns.</param>
    /// <param name="types">The names of their types in the database.</param>
    /// <param name="timeout">The seconds that a command may take.</param>
    public DatabaseWriter(
        string name, DbTransaction transaction, ForeignTable table, Schema schema, string[] types, int timeout)
    {
        _name = name;
        _transaction = transaction;
        _connection = transaction.Connection!;
        _schema = schema;
        _hasZone = Array.ConvertAll(types, HasZone);
        _rows = MostParameters / schema.Count;
        _many = CommandOf(table.Insert(schema, _rows), _rows, timeout);
        _one = CommandOf(table.Insert(schema, 1), 1, timeout);
    }

    public async ValueTask WriteAsync(RecordBatch batch, CancellationToken cancellationToken = default)
    {
        SinkWriter.Check(batch, _schema, _isOpen, _name);
        cancellationToken.ThrowIfCancellationRequested();
        _isOpen = false;
        try
        {
            for (var row = 0; row < batch.RowCount;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (command, rows) = batch.RowCount - row >= _rows ? (_many, _rows) : (_one, 1);
                for (var i = 0; i < rows; i++, row++) Fill(command, i, batch, row);
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (DbException e)
        {
            throw DatabaseSink.Failure(e, _name);
        }

        _isOpen = true;
    }

    public async ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        SinkWriter.Check(_isOpen);
        cancellationToken.ThrowIfCancellationRequested();
        _isOpen = false;
        try
        {
            await _transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DbException e)
        {
            throw DatabaseSink.Failure(e, _name);
        }
    }

    /// <summary>Rolls back what was not completed.</summary>
    public async ValueTask DisposeAsync()
    {
        // The connection is given back whatever a broken transaction says.
        await using (_connection.ConfigureAwait(false))
        await using (_transaction.ConfigureAwait(false))
        await using (_one.ConfigureAwait(false))
        await using (_many.ConfigureAwait(false))
        {
        }
    }

    // "timestamp without time zone" has none.
    private static bool HasZone(string type) =>
        type.Contains("with time zone", StringComparison.OrdinalIgnoreCase)
        || type.Contains("timestamptz", StringComparison.OrdinalIgnoreCase)
        || type.Contains("offset", StringComparison.OrdinalIgnoreCase);

    private DbCommand CommandOf(string sql, int rows, int timeout)
    {
        var command = _connection.CreateCommand();
        command.Transaction = _transaction;
        command.CommandText = sql;
        command.CommandTimeout = timeout;
        for (var i = 0; i < rows * _schema.Count; i++)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = ForeignTable.ParameterOf(i);
            parameter.DbType = TypeOf(i % _schema.Count);
            command.Parameters.Add(parameter);
        }

        return command;
    }

    private DbType TypeOf(int column) => _schema[column].Type switch
    {
        ColumnType.Number => DbType.Double,
        ColumnType.Integer => DbType.Int64,
        ColumnType.Boolean => DbType.Boolean,
        ColumnType.Timestamp => _hasZone[column] ? DbType.DateTimeOffset : DbType.DateTime2,
        _ => DbType.String,
    };

    private void Fill(DbCommand command, int at, RecordBatch batch, int row)
    {
        for (var i = 0; i < _schema.Count; i++)
        {
            command.Parameters[at * _schema.Count + i].Value = ValueOf(batch.Columns[i], row, _hasZone[i]);
        }
    }

    private static object ValueOf(Column column, int row, bool hasZone) =>
        column.IsMissing(row) ? DBNull.Value : column switch
        {
            NumberColumn numbers => numbers.Values[row],
            IntegerColumn integers => integers.Values[row],
            BooleanColumn booleans => booleans.Values[row],
            TimestampColumn times when hasZone => new DateTimeOffset(times.GetTimestamp(row)),
            TimestampColumn times => DateTime.SpecifyKind(times.GetTimestamp(row), DateTimeKind.Unspecified),
            _ => column.GetText(row)!,
        };
}
