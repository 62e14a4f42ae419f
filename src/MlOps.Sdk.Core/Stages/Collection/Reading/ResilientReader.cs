using System.Data.Common;
using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Plugins;
using Polly;
using Polly.Retry;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Reads one source through a resilience pipeline: after a failure it opens the source again and continues after the last
/// delivered batch. Not thread-safe.
/// </summary>
internal sealed class ResilientReader : IAsyncDisposable
{
    private readonly IDataSource _source;
    private readonly ReadRequest _request;
    private ResiliencePipeline _pipeline;
    private IDataScan? _scan;
    private IAsyncEnumerator<RecordBatch>? _rows;
    private CancellationTokenSource? _stop;
    private long _position;
    private IDataScan? _brokenOff;

    private ResilientReader(IDataSource source, ReadRequest request, ResiliencePipeline pipeline)
    {
        _source = source;
        _request = request;
        _pipeline = pipeline;
    }

    public string Name => _source.Name;

    /// <summary>The types of the source and of those that it is made of.</summary>
    public IEnumerable<Type> SourceTypes => TypesOf(_source);

    // Messages that may quote values are replaced.
    private bool HidesContent => _request.Personal.Count > 0;

    public Schema Schema { get; private set; } = null!;

    public ContentVersion? Version { get; private set; }

    /// <summary>
    /// What identifies the content of tables in which values were looked up; <see langword="null"/> where there are none.
    /// </summary>
    public ContentVersion? ReferenceVersion { get; private set; }

    public string? Query { get; private set; }

    /// <summary>How far the source was read, once all rows are; <see langword="null"/> where it cannot tell.</summary>
    public Watermark? Watermark { get; private set; }

    /// <summary>Whether the source can be read again from a position.</summary>
    public bool IsRepeatable { get; private set; }

    /// <summary>Rows that could not be read, each once, also where a reading was begun again. Whoever takes them removes them.</summary>
    public List<MalformedRow> Malformed { get; } = [];

    /// <summary>What the source noticed about its content, as sentences.</summary>
    public IReadOnlyList<string> Notes { get; private set; } = [];

    /// <summary>Opens a source that is read outside stage 2, with the default pipeline.</summary>
    /// <exception cref="MlOpsException">It cannot be opened.</exception>
    public static Task<ResilientReader> OpenAsync(IDataSource source, ReadRequest request, CancellationToken cancellationToken) =>
        OpenAsync(source, request, null, TimeProvider.System, cancellationToken);

    /// <summary>Opens a source.</summary>
    /// <param name="source">The source.</param>
    /// <param name="request">What is wanted of it.</param>
    /// <param name="configured">The pipeline that was configured; <see langword="null"/> for the default.</param>
    /// <param name="time">The clock of the default pipeline.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <exception cref="MlOpsException">
    /// It cannot be opened, or a pipeline was configured and the source cannot be read again from a position.
    /// </exception>
    public static async Task<ResilientReader> OpenAsync(
        IDataSource source, ReadRequest request, ResiliencePipeline? configured, TimeProvider time, CancellationToken cancellationToken)
    {
        var reader = new ResilientReader(source, request, configured ?? Default(time));
        try
        {
            IDataScan scan;
            using (PluginCalls.Enter("source", source.Name))
            {
                scan = await reader._pipeline.ExecuteAsync(
                    token => source.OpenAsync(request, token),
                    cancellationToken).ConfigureAwait(false);
            }

            reader._scan = scan;
            reader.Schema = scan.Schema;
            reader.Version = scan.Version;
            reader.ReferenceVersion = scan.ReferenceVersion;
            reader.Query = scan.Query;
            reader.Notes = scan.Notes;
            reader.IsRepeatable = scan.IsRepeatable;
            if (scan.IsRepeatable) return reader;
            if (configured is null)
            {
                reader._pipeline = ResiliencePipeline.Empty;
                return reader;
            }

            await scan.DisposeAsync().ConfigureAwait(false);
            throw new MlOpsException(
                "The source cannot be read again from a position, so a resilience pipeline would lose or repeat rows.",
                "Remove Resilience(…), or use a source that is repeatable; in a join, " +
                    "both of its sources must be.") { DataSource = source.Name };
        }
        catch (MlOpsException e) when (reader.HidesContent && (e.Line is not null || e.Column is not null))
        {
            throw e.Line is null && (request.Columns?.Contains(e.Column!) == true || FileInspection.IsMissing(e))
                ? PersonalColumns.HideNames(e, source.Name)
                : e.Line is null && request.Personal.Contains(e.Column!) ? e
                : PersonalColumns.Hide(e, source.Name);
        }
        catch (Exception e) when (IsForeign(e, cancellationToken))
        {
            throw reader.HidesContent ? PersonalColumns.HideForeign(e, source.Name) : Failed(source, e);
        }
    }

    /// <summary>
    /// Reads all rows; again from the start when it is called again, which only a repeatable source allows. The consumer owns each batch.
    /// </summary>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="MlOpsException">The source cannot be read, or changed between two attempts.</exception>
    public async IAsyncEnumerable<RecordBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (_rows is not null) await CloseRowsAsync().ConfigureAwait(false);
        _position = 0;
        while (true)
        {
            RecordBatch? batch;
            try
            {
                batch = await _pipeline.ExecuteAsync(token => NextAsync(token), cancellationToken).ConfigureAwait(false);
            }
            catch (MlOpsException e) when (HidesContent)
            {
                throw PersonalColumns.Hide(e, _source.Name);
            }
            catch (Exception e) when (IsForeign(e, cancellationToken))
            {
                throw HidesContent ? PersonalColumns.HideForeign(e, _source.Name) : Failed(_source, e);
            }

            if (batch is null) yield break;
            yield return batch;
        }
    }

    /// <exception cref="MlOpsException">The source cannot be closed.</exception>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await CloseAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (MlOpsException or OperationCanceledException))
        {
            throw HidesContent
                ? PersonalColumns.HideForeign(e, Name)
                : new MlOpsException(
                    $"The source could not be closed: {Secrets.Blank(e.Message)}",
                    "See the inner exception; the rows that were read before are complete.",
                    e) { DataSource = Name };
        }
    }

    private static ResiliencePipeline Default(TimeProvider time) => new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<IOException>().Handle<TimeoutException>().Handle<DbException>(e => e.IsTransient),
            MaxRetryAttempts = 3,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = TimeSpan.FromSeconds(1),
        })
        .Build();

    private static IEnumerable<Type> TypesOf(IDataSource source) => [source.GetType(), .. source.Sources.SelectMany(TypesOf)];

    private static bool IsForeign(Exception e, CancellationToken cancellationToken) =>
        e is not MlOpsException && !(e is OperationCanceledException && cancellationToken.IsCancellationRequested);

    private static MlOpsException Failed(IDataSource source, Exception e) =>
        new(
            $"The source could not be read: {Secrets.Blank(e.Message)}",
            "See the inner exception; if the failure is temporary, run again, " +
                "or allow more retries with Resilience(…) where the source is collected.",
            e) { DataSource = source.Name };

    private async ValueTask<RecordBatch?> NextAsync(CancellationToken cancellationToken)
    {
        using var call = PluginCalls.Enter("source", Name);
        try
        {
            // An attempt that ran out of time just when it had its batch leaves a reading that can only be cancelled.
            cancellationToken.ThrowIfCancellationRequested();
            if (_stop is { IsCancellationRequested: true }) await CloseQuietlyAsync().ConfigureAwait(false);
            if (_rows is null) await OpenRowsAsync(cancellationToken).ConfigureAwait(false);

            // The enumerator outlives the attempt, and so does its token: a cancelled or timed-out attempt cancels it by hand.
            var stop = _stop!;
            var link = cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), stop);
            await using (link.ConfigureAwait(false))
            {
                while (await _rows!.MoveNextAsync().ConfigureAwait(false))
                {
                    TakeMalformed();
                    if (_rows.Current.RowCount == 0 && Malformed.Count == 0) continue;
                    _position += _rows.Current.RowCount;
                    return _rows.Current;
                }

                TakeMalformed();
                Watermark = _scan!.Watermark;
                Notes = [.. Notes.Union(_scan.Notes)];
                return null;
            }
        }
        catch
        {
            await CloseQuietlyAsync().ConfigureAwait(false);
            throw;
        }
    }

    private void TakeMalformed()
    {
        var taken = _scan!.TakeMalformed();
        Malformed.AddRange(taken);
        _position += taken.Count(row => !row.IsKept);
    }

    private async ValueTask OpenRowsAsync(CancellationToken cancellationToken)
    {
        if (_scan is null)
        {
            _scan = await _source.OpenAsync(_request with { BrokenOff = _brokenOff }, cancellationToken).ConfigureAwait(false);
            if (!_scan.Schema.Equals(Schema) || _scan.Version != Version || _scan.ReferenceVersion != ReferenceVersion)
            {
                throw new MlOpsException(
                    "The source changed while it was being read.",
                    "Run again when nothing writes to it.") { DataSource = Name };
            }
        }

        _stop = new CancellationTokenSource();
        _rows = _scan.ReadAsync(_position == 0 ? null : new Position(_position), _stop.Token).GetAsyncEnumerator(_stop.Token);
    }

    private async ValueTask CloseAsync()
    {
        var scan = _scan;
        _scan = null;
        _brokenOff = scan ?? _brokenOff;
        try
        {
            await CloseRowsAsync().ConfigureAwait(false);
        }
        finally
        {
            if (scan is not null) await scan.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask CloseRowsAsync()
    {
        var (rows, stop) = (_rows, _stop);
        (_rows, _stop) = (null, null);
        using (stop)
        {
            if (rows is not null) await rows.DisposeAsync().ConfigureAwait(false);
        }
    }

    // What goes wrong while a broken reading is closed must not hide why it broke.
    private async ValueTask CloseQuietlyAsync()
    {
        try
        {
            await CloseAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
        }
    }
}
