namespace MlOps.Sdk.Storage;

/// <summary>A change of what people say of a model or of a version of it.</summary>
internal sealed record RegistryChangeRow
{
    public string Model { get; init; } = "";

    /// <summary>The version; 0 for the model itself.</summary>
    public int Version { get; init; }

    /// <summary>What was changed: a tag, an alias, …</summary>
    public string Property { get; init; } = "";

    /// <summary>Which of several, for example the tag's name; empty for what there is one of.</summary>
    public string Name { get; init; } = "";

    /// <summary>What it is since; <see langword="null"/> when it was taken away.</summary>
    public string? Value { get; init; }

    public string? Previous { get; init; }

    public long At { get; init; }

    public string Actor { get; init; } = "";

    public string Reason { get; init; } = "";
}
