namespace MlOps.Sdk.MLNet;

/// <summary>The rounds of swaps, one after the other; begun and ended by one thread.</summary>
/// <param name="callers">How many callers there are.</param>
internal sealed class SwapRounds(int callers) : IDisposable
{
    private readonly List<SwapRound> _rounds = [];

    public SwapRound Current => _rounds[^1];

    /// <summary>A version is live.</summary>
    public void Begin(int version)
    {
        var next = new SwapRound(version, callers);
        var before = _rounds.LastOrDefault();
        _rounds.Add(next);
        before?.End(next);
    }

    public void End() => Current.End(null);

    public void Dispose() => _rounds.ForEach(round => round.Dispose());
}
