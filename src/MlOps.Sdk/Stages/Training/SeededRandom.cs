namespace MlOps.Sdk.Training;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood 2014): a generator whose stream follows from a key, so that what is drawn for one trial, tree or row does not depend on what was drawn before.
/// </summary>
internal struct SeededRandom
{
    private ulong _state;

    public SeededRandom(ulong key) => _state = Mix(key + 0x9E3779B97F4A7C15);

    public SeededRandom(int seed, int first, int second = 0)
        : this(Mix(Mix((uint)seed) + (uint)first) + (uint)second)
    {
    }

    public ulong Next() => Mix(_state += 0x9E3779B97F4A7C15);

    /// <summary>A number of at least 0 and below 1.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A whole number of at least 0 and below the limit.</summary>
    public int Below(int limit) => (int)Math.BigMul(Next(), (ulong)limit, out _);

    /// <summary>Puts items in a random order (Fisher and Yates).</summary>
    public void Shuffle(Span<int> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>A well mixed function of a number.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
