using MlOps.Sdk.Data;

namespace MlOps.Sdk.Exploration;

/// <summary>A claim written with <see cref="HypothesisRows"/>: what to test, without a name. Immutable and thread-safe.</summary>
public sealed class HypothesisClaim
{
    private readonly Func<string, Dataset, HypothesisResult> _test;

    internal HypothesisClaim(string description, Func<string, Dataset, HypothesisResult> test)
    {
        Description = description;
        _test = test;
    }

    /// <summary>The claim, as it was written: equal for equal claims.</summary>
    public string Description { get; }

    /// <summary>Gives the claim a name.</summary>
    /// <param name="name">The claim in words.</param>
    public IHypothesis Named(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return new NamedHypothesis(name, this);
    }

    private sealed class NamedHypothesis(string name, HypothesisClaim claim) : IHypothesis
    {
        public string Name => name;

        public HypothesisResult Test(Dataset rows) => claim._test(name, rows);

        public override string ToString() => $"{name}: {claim.Description}";
    }
}
