using MlOps.Sdk.Features;

namespace MlOps.Sdk.MLNet;

/// <summary>Watches the calls of one model and its disposal. Thread-safe.</summary>
internal sealed class CallWatch
{
    private readonly ModelLedger _ledger;
    private readonly Func<State> _create;
    private int _inside;
    private int _disposals;

    public CallWatch(ModelLedger ledger)
    {
        _ledger = ledger;
        _create = () => new State(ledger);
    }

    public void Begin(PredictScratch scratch)
    {
        Interlocked.Increment(ref _inside);
        scratch.State(this, _create);
        if (Volatile.Read(ref _disposals) > 0) _ledger.Violations.Enqueue("a call on a model that was disposed of");
    }

    public void End()
    {
        if (Volatile.Read(ref _disposals) > 0) _ledger.Violations.Enqueue("a model disposed of during a call");
        Interlocked.Decrement(ref _inside);
    }

    public void Dispose()
    {
        if (Volatile.Read(ref _inside) > 0) _ledger.Violations.Enqueue("a model disposed of during a call");
        if (Interlocked.Increment(ref _disposals) == 1) _ledger.Disposed();
        else _ledger.Violations.Enqueue("a model disposed of twice");
    }

    private sealed class State : IDisposable
    {
        private readonly ModelLedger _ledger;

        public State(ModelLedger ledger)
        {
            _ledger = ledger;
            ledger.StateMade();
        }

        public void Dispose() => _ledger.StateDisposed();
    }
}
