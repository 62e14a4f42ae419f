using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Registry;

/// <summary>A move of an alias.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Alias">The alias, for example <c>champion</c>.</param>
/// <param name="Version">The version that it points to since; where it was removed, the one that it pointed to last.</param>
/// <param name="Previous">The version that it pointed to before; <see langword="null"/> when it was new.</param>
/// <param name="At">When, in UTC.</param>
/// <param name="Actor">Who moved it.</param>
/// <param name="Reason">Why.</param>
public sealed record AliasChange(string Model, string Alias, int Version, int? Previous, DateTimeOffset At, string Actor, string Reason)
{
    /// <summary>Whether the alias was removed.</summary>
    public bool IsRemoval { get; init; }

    /// <summary>The record in a line, whatever the culture.</summary>
    public override string ToString() => RecordText.Of(this);
}
