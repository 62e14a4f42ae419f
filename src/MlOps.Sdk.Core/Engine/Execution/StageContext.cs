using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Execution;

/// <summary>What a stage works with: the results of earlier stages, where to save its own, and how to say how far it is.</summary>
internal sealed class StageContext(
    RunContext run,
    LifecycleStage stage,
    IReadOnlyDictionary<LifecycleStage, IReadOnlyDictionary<string, ArtifactId>> results,
    Action<string, double, string?> report)
{
    private readonly Dictionary<string, ArtifactId> _outputs = new(StringComparer.Ordinal);
    private readonly Dictionary<ArtifactId, ReadOnlyMemory<byte>> _inMemory = [];

    public RunContext Run => run;

    /// <summary>What this stage saved so far.</summary>
    public IReadOnlyDictionary<string, ArtifactId> Outputs => _outputs;

    public ILogger Logger => run.Logger;

    public IArtifactStore Artifacts => run.Artifacts;

    public ArtifactId Input(LifecycleStage from, string name) =>
        FindInput(from, name)
            ?? throw new MlOpsException(
                $"Stage {stage} needs '{name}' of stage {from}, which this lifecycle does not have.",
                $"Add stage {from} to the lifecycle.");

    public ArtifactId? FindInput(LifecycleStage from, string name) =>
        results.TryGetValue(from, out var outputs) && outputs.TryGetValue(name, out var id) ? id : null;

    public Task<byte[]> ReadAsync(LifecycleStage from, string name, CancellationToken cancellationToken) =>
        Artifacts.ReadAllAsync(Input(from, name), cancellationToken);

    public async Task<T> ReadAsync<T>(LifecycleStage from, string name, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        StoredRecord.ReadJson($"stage {from} ('{name}')", await ReadAsync(from, name, cancellationToken).ConfigureAwait(false), type);

    /// <summary>Reads a snapshot into memory.</summary>
    public Task<Dataset> ReadRowsAsync(LifecycleStage from, string name, CancellationToken cancellationToken) =>
        Artifacts.ReadRowsAsync(Input(from, name), cancellationToken);

    public async Task SaveAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var saved = await Artifacts.PutAsync(bytes, cancellationToken).ConfigureAwait(false);
        lock (_outputs)
        {
            _outputs[name] = saved.Id;
            _inMemory[saved.Id] = bytes;
        }
    }

    public Task SaveAsync<T>(string name, T value, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SaveAsync(name, JsonSerializer.SerializeToUtf8Bytes(value, type), cancellationToken);

    /// <summary>Saves what a function writes, as it is written.</summary>
    public async Task SaveAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var pipe = new Pipe();
        var writing = WriteAsync();
        try
        {
            var stream = pipe.Reader.AsStream();
            await using (stream.ConfigureAwait(false))
            {
                var saved = await Artifacts.PutAsync(stream, cancellationToken).ConfigureAwait(false);
                lock (_outputs) _outputs[name] = saved.Id;
            }
        }
        finally
        {
            await writing.ConfigureAwait(false);
        }

        async Task WriteAsync()
        {
            try
            {
                await write(pipe.Writer.AsStream(leaveOpen: true), cancellationToken).ConfigureAwait(false);
                await pipe.Writer.CompleteAsync().ConfigureAwait(false);
            }
            catch (Exception e)
            {
                // The reader of the pipe sees the failure and keeps nothing.
                await pipe.Writer.CompleteAsync(e).ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>Puts outputs again that somebody removed meanwhile, as far as they are in memory.</summary>
    public async Task PutLostAgainAsync(CancellationToken cancellationToken)
    {
        foreach (var (id, bytes) in _inMemory)
        {
            if (await Artifacts.ExistsAsync(id, cancellationToken).ConfigureAwait(false)) continue;
            await Artifacts.PutAsync(bytes, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Says what the stage is doing and how much of it is done, 0 to 1.</summary>
    public void Report(string step, double fraction, string? message = null) => report(step, fraction, message);
}
