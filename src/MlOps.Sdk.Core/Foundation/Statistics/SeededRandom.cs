namespace MlOps.Sdk.Statistics;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood 2014): the same numbers from the same seed in every version of the
/// runtime, unlike <see cref="Random"/>.
/// </summary>
internal struct SeededRandom(ulong state)
{
    public ulong State { get; private set; } = state;

    /// <summary>
    /// A generator whose stream follows from a key, so that what is drawn for one trial, tree or row does not
    /// depend on what was drawn before.
    /// </summary>
    public static SeededRandom For(int seed, int first, int second = 0) => For(Mix(Mix((uint)seed) + (uint)first) + (uint)second);

    /// <summary>A generator whose stream follows from a key; keys that are alike give streams that are not.</summary>
    public static SeededRandom For(ulong key) => new(Mix(key + 0x9E3779B97F4A7C15));

    public ulong NextBits() => Mix(State += 0x9E3779B97F4A7C15);

    /// <summary>
    /// A number from 0 to <paramref name="bound"/> − 1 (Lemire's multiplication; its bias of bound/2⁶⁴ is far below any use here).
    /// </summary>
    public int Next(int bound) => (int)Math.BigMul(NextBits(), (ulong)bound, out _);

    /// <summary>A number from 0 (included) to 1 (excluded).</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Puts items in a random order (Fisher and Yates).</summary>
    public void Shuffle(Span<int> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>The finalizer of SplitMix64: spreads every bit of the input over the output.</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
