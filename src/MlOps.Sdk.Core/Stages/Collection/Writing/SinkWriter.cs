using MlOps.Sdk.Data;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Collection;

/// <summary>Writes a table to any sink, and makes what a sink throws a failure that names it. Not thread-safe.</summary>
internal sealed class SinkWriter : IAsyncDisposable
{
    private readonly IDataSink _sink;
    private readonly IDataWriter _writer;
    private bool _completed;

    private SinkWriter(IDataSink sink, IDataWriter writer)
    {
        _sink = sink;
        _writer = writer;
    }

    /// <summary>The rows that were written.</summary>
    public long RowCount { get; private set; }

    /// <param name="sink">The sink.</param>
    /// <param name="schema">The columns.</param>
    /// <param name="table">
    /// The name of the table, where the sink is an <see cref="ITableSink"/>; <see langword="null"/> to add one.
    /// </param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <exception cref="MlOpsException">The table cannot be begun.</exception>
    public static async Task<SinkWriter> OpenAsync(IDataSink sink, Schema schema, string? table, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var call = PluginCalls.Enter("sink", sink.Name);
        try
        {
            var opening = table is not null && sink is ITableSink tables
                ? tables.OpenAsync(schema, table, cancellationToken)
                : sink.OpenAsync(schema, cancellationToken);
            return new SinkWriter(sink, await opening.ConfigureAwait(false));
        }
        catch (Exception e) when (!IsCancellation(e, cancellationToken))
        {
            throw Failed(sink, e);
        }
    }

    /// <summary>Begins a table for what a reader reads. The reader is closed when that fails.</summary>
    /// <exception cref="MlOpsException">The table cannot be begun.</exception>
    public static async Task<SinkWriter> OpenAsync(
        IDataSink sink, Schema schema, string? table, ResilientReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenAsync(sink, schema, table, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await reader.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <exception cref="MlOpsException">The rows cannot be written.</exception>
    public async ValueTask WriteAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var call = PluginCalls.Enter("sink", _sink.Name);
        try
        {
            await _writer.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            RowCount += batch.RowCount;
        }
        catch (Exception e) when (!IsCancellation(e, cancellationToken))
        {
            throw Failed(_sink, e);
        }
    }

    /// <exception cref="MlOpsException">The table cannot be completed.</exception>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var call = PluginCalls.Enter("sink", _sink.Name);
        try
        {
            await _writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
            _completed = true;
        }
        catch (Exception e) when (!IsCancellation(e, cancellationToken))
        {
            throw Failed(_sink, e);
        }
    }

    /// <exception cref="MlOpsException">What was completed cannot be closed.</exception>
    public async ValueTask DisposeAsync()
    {
        using var call = PluginCalls.Enter("sink", _sink.Name);
        try
        {
            await _writer.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception) when (!_completed)
        {
            // What goes wrong while a broken table is closed must not hide why it broke.
        }
        catch (Exception e)
        {
            throw Failed(_sink, e);
        }
    }

    /// <summary>The checks of every writer before it accepts a batch.</summary>
    /// <exception cref="MlOpsException">A text cannot be written: it would become another one.</exception>
    public static void Check(RecordBatch batch, Schema schema, bool isOpen, string name)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Check(isOpen);
        if (!batch.Schema.Equals(schema))
        {
            throw new ArgumentException($"The batch has the columns {batch.Schema} where the table has {schema}.", nameof(batch));
        }
        for (var i = 0; i < schema.Count; i++)
        {
            if (batch.Columns[i] is TextColumn texts && HasHalfCharacter(texts, batch.RowCount))
            {
                throw new MlOpsException(
                    "A text has half of a surrogate pair, which is not a character and has no UTF-8.",
                    "Correct the text where it comes from: it was cut within a character.") { DataSource = name, Column = schema[i].Name };
            }
        }
    }

    /// <summary>The checks of every writer before it completes its table.</summary>
    public static void Check(bool isOpen)
    {
        if (!isOpen) throw new InvalidOperationException("The table is completed, or could not be written: dispose of the writer.");
    }

    // A dictionary may be that of a far larger table.
    private static bool HasHalfCharacter(TextColumn texts, int rows)
    {
        for (var row = 0; row < rows; row++)
        {
            if (texts.IsMissing(row)) continue;
            var rest = texts.Texts[texts.Values[row]].AsSpan();
            for (int at; (at = rest.IndexOfAnyInRange('\uD800', '\uDFFF')) >= 0; rest = rest[(at + 2)..])
            {
                if (at + 1 == rest.Length || !char.IsSurrogatePair(rest[at], rest[at + 1])) return true;
            }
        }

        return false;
    }

    private static bool IsCancellation(Exception e, CancellationToken cancellationToken) =>
        e is OperationCanceledException && cancellationToken.IsCancellationRequested;

    private static MlOpsException Failed(IDataSink sink, Exception e)
    {
        var failure = e as MlOpsException ?? new MlOpsException(
            $"The table could not be written: {Secrets.Blank(e.Message)}",
            "See the inner exception; nothing of the table was kept, so it can be written again.",
            e) { DataSource = sink.Name };
        if (sink.GetType().Assembly != typeof(SinkWriter).Assembly) failure.Plugin ??= sink.GetType().FullName;
        return failure;
    }
}
