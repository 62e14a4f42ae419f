namespace MlOps.Sdk.AspNetCore;

/// <summary>How callers say who they are, by the kind of route.</summary>
/// <param name="Predict">For predictions.</param>
/// <param name="Label">For labels.</param>
/// <param name="Admin">For releases.</param>
/// <param name="MayRelease">Whether the reader of the document may change releases.</param>
internal sealed record OpenApiCallers(
    IReadOnlyList<OpenApiSecurity> Predict,
    IReadOnlyList<OpenApiSecurity> Label,
    IReadOnlyList<OpenApiSecurity> Admin,
    bool MayRelease);
