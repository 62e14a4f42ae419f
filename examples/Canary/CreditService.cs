namespace CanaryExample;

/// <summary>A service that one of the models asks. It works while the model is trained and judged, and is overloaded later.</summary>
internal sealed class CreditService
{
    private int _calls;

    public bool IsDown { get; set; }

    public void Check()
    {
        if (IsDown && Interlocked.Increment(ref _calls) % 10 == 0) throw new CreditServiceDownException();
    }
}
