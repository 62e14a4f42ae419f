namespace MlOps.Sdk.Statistics;

/// <summary>SplitMix64 (Steele, Lea and Flood 2014): the same numbers from the same seed in every version of the runtime, unlike <see cref="Random"/>.</summary>
internal struct SeededRandom(ulong state)
{
    public ulong State { get; private set; } = state;

    public ulong NextBits() => Mix(State += 0x9E3779B97F4A7C15);

    /// <summary>A number from 0 to <paramref name="bound"/> − 1 (Lemire's multiplication; its bias of bound/2⁶⁴ is far below any use here).</summary>
    public int Next(int bound) => (int)Math.BigMul(NextBits(), (ulong)bound, out _);

    /// <summary>A number from 0 (included) to 1 (excluded).</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>The finalizer of SplitMix64: spreads every bit of the input over the output.</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
