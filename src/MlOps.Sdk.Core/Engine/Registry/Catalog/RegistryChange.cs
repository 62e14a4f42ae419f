using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Registry;

/// <summary>A change of what people say of a model or of a version of it.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Version">The version; <see langword="null"/> for the model itself.</param>
/// <param name="Property">What was changed: <c>description</c>, <c>tag</c>, <c>alias</c>, <c>archived</c> or <c>deleted</c>.</param>
/// <param name="Name">The name of the tag or alias; empty for the others.</param>
/// <param name="Value">What it is since; <see langword="null"/> when it was taken away.</param>
/// <param name="Previous">What it was before; <see langword="null"/> when there was none.</param>
/// <param name="At">When, in UTC.</param>
/// <param name="Actor">Who changed it.</param>
/// <param name="Reason">Why; empty where none is required.</param>
public sealed record RegistryChange(
    string Model,
    int? Version,
    string Property,
    string Name,
    string? Value,
    string? Previous,
    DateTimeOffset At,
    string Actor,
    string Reason)
{
    /// <summary>The record in a line, whatever the culture.</summary>
    public override string ToString() => RecordText.Of(this);
}
