using System.Collections.Concurrent;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>Counts the models that readers made, what callers keep of them, and what is disposed of. Thread-safe.</summary>
internal sealed class ModelLedger
{
    private readonly List<WeakReference> _models = [];
    private int _read;
    private int _disposed;
    private int _states;
    private int _statesDisposed;

    /// <summary>What must not happen: a call on a model that is disposed of, or a disposal during a call.</summary>
    public ConcurrentQueue<string> Violations { get; } = new();

    public int Read => Volatile.Read(ref _read);

    public int Alive => Read - Volatile.Read(ref _disposed);

    public int StatesAlive => Volatile.Read(ref _states) - Volatile.Read(ref _statesDisposed);

    public int StatesMade => Volatile.Read(ref _states);

    /// <summary>
    /// How many models are still referred to from somewhere. What a thread is about to leave is too, so it is looked several times.
    /// </summary>
    public int InMemory(int expected)
    {
        var found = int.MaxValue;
        for (var look = 0; look < 50 && found > expected; look++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            lock (_models) found = _models.Count(model => model.IsAlive);
        }

        return found;
    }

    /// <summary>Lets the readers of a workspace hand out watched models.</summary>
    public void Watch(FormatReaders readers)
    {
        var inner = Predictions.Readers();
        BuiltInModels.AddTo(inner);
        foreach (var format in new[] { TreesModel.Format, GradientBoostingModel.Format })
        {
            readers.Add<IModel>(format, bytes => Add(new WatchedModel(inner.Read<IModel>(format, bytes), this)));
        }

        readers.Add<IRowModel>(
            PipelineModel.Format, bytes => Add(new WatchedRowModel(inner.Read<IRowModel>(PipelineModel.Format, bytes), this)));
    }

    public void Disposed() => Interlocked.Increment(ref _disposed);

    public void StateMade() => Interlocked.Increment(ref _states);

    public void StateDisposed() => Interlocked.Increment(ref _statesDisposed);

    private T Add<T>(T model)
        where T : class
    {
        Interlocked.Increment(ref _read);
        lock (_models) _models.Add(new WeakReference(model));
        return model;
    }
}
