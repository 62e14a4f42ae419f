using System.Buffers;
using System.IO.Hashing;
using System.Text;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// The versions that are served under a name, and which of them answers a call. Immutable: another division is another route.
/// </summary>
internal sealed class LiveRoute
{
    // Keys of two models fall on arms independently of each other.
    private readonly ulong _salt;
    private readonly LiveArm[] _arms;
    private readonly (Shadow Shadow, double Share)[] _shadows;
    private readonly ulong[] _shadowSalts;

    /// <param name="model">The model's name.</param>
    /// <param name="main">The live version.</param>
    /// <param name="arms">The arms beside it, with their shares.</param>
    /// <param name="shadows">Those that are given copies of calls, with the shares of them.</param>
    /// <param name="generation">The generation of the division.</param>
    public LiveRoute(
        string model,
        LiveModel main,
        IReadOnlyList<(TrafficArm Arm, LiveModel Live)> arms,
        IReadOnlyList<(Shadow Shadow, double Share)> shadows,
        long generation)
    {
        (Main, Generation) = (new LiveArm(TrafficArm.Live, main, 1), generation);
        _salt = HashOf(model);
        _shadows = [.. shadows];

        // Which calls are copied does not depend on which arm answers them.
        _shadowSalts = Array.ConvertAll(_shadows, shadow => HashOf($"shadow {shadow.Shadow.Name} of {model}"));
        _arms = new LiveArm[arms.Count];
        var until = 0.0;
        for (var i = 0; i < _arms.Length; i++)
        {
            until += arms[i].Arm.Share;
            _arms[i] = new LiveArm(arms[i].Arm.Name, arms[i].Live, until);
        }
    }

    /// <summary>The live version.</summary>
    public LiveArm Main { get; }

    /// <summary>The arms beside it.</summary>
    public IReadOnlyList<LiveArm> Arms => _arms;

    public long Generation { get; }

    /// <summary>Those that are given copies of calls.</summary>
    public IReadOnlyList<(Shadow Shadow, double Share)> Shadows => _shadows;

    /// <summary>Whether a shadow is given a copy of a call.</summary>
    public bool IsCopied(PredictionId id, int shadow) => Place(id.RoutingHash ^ _shadowSalts[shadow]) < _shadows[shadow].Share;

    /// <summary>All versions that answer calls.</summary>
    public IEnumerable<LiveModel> Models => [Main.Live, .. _arms.Select(arm => arm.Live)];

    /// <summary>The arm of a version; <see langword="null"/> where none has it.</summary>
    public LiveArm? Find(int version) => Main.Live.Version == version ? Main : Array.Find(_arms, arm => arm.Live.Version == version);

    /// <summary>The arm of a prediction that has no key: at random, by its id.</summary>
    public LiveArm Choose(PredictionId id) => _arms.Length == 0 ? Main : Choose(id.RoutingHash ^ _salt);

    /// <summary>The arm of a key: the same key always falls on the same place between 0 and 1.</summary>
    public LiveArm Choose(string key) => _arms.Length == 0 ? Main : Choose(HashOf(key) ^ _salt);

    /// <summary>The 64-bit XXH3 of the text in UTF-8, with seed 0.</summary>
    internal static ulong HashOf(string text)
    {
        const int few = 512;
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most <= few)
        {
            Span<byte> bytes = stackalloc byte[few];
            return XxHash3.HashToUInt64(bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
        }
        var rented = ArrayPool<byte>.Shared.Rent(most);
        try
        {
            return XxHash3.HashToUInt64(rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private LiveArm Choose(ulong hash)
    {
        var place = Place(hash);
        foreach (var arm in _arms)
        {
            if (place < arm.Until) return arm;
        }

        return Main;
    }

    private static double Place(ulong hash)
    {
        // The finalizer of SplitMix64: ids count up, and places must not.
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        hash ^= hash >> 31;
        return (hash >> 11) * (1.0 / (1UL << 53));
    }
}
