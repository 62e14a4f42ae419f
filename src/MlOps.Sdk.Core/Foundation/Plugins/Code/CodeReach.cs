using System.Reflection;

namespace MlOps.Sdk.Plugins;

/// <summary>The code that a delegate or a plug-in reaches. Immutable.</summary>
internal sealed record CodeReach
{
    /// <summary>What reaches it, as people see it: <c>lambda in Program.Main</c>, <c>Pricing.Convert</c>, <c>PriceStep</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What identifies the code of the application; <see langword="null"/> where none is reached.</summary>
    public string? Digest { get; init; }

    /// <summary>
    /// The call that cannot be resolved, as a clause, so that whole modules count; <see langword="null"/> where every call is resolved.
    /// </summary>
    public string? Forced { get; init; }

    /// <summary>Why what the code does cannot be told in advance, as the end of a sentence; <see langword="null"/> where it can.</summary>
    public string? Opaque { get; init; }

    /// <summary>The static fields that it reads, whose values are not in the IL.</summary>
    public IReadOnlyList<FieldInfo> Statics { get; init; } = [];

    /// <summary>The packages that it uses, and what identifies them.</summary>
    public IReadOnlyList<(string Name, string Identity)> Packages { get; init; } = [];
}
