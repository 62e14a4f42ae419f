namespace MlOps.Sdk.AspNetCore;

/// <summary>What can be done with a model over HTTP.</summary>
/// <param name="Method">The method, in lower case.</param>
/// <param name="Path">The path below that of the model.</param>
/// <param name="Id">The name of the operation.</param>
/// <param name="Summary">What it does.</param>
/// <param name="Request">The schema of the body; <see langword="null"/> for none.</param>
/// <param name="Response">The schema of the answer.</param>
internal sealed record OpenApiOperation(string Method, string Path, string Id, string Summary, string? Request, string Response)
{
    /// <summary>Whether a header may say which arm answers.</summary>
    public bool HasKey { get; init; }

    /// <summary>Whether the query may say how many entries are wanted.</summary>
    public bool HasLimit { get; init; }

    /// <summary>The type of a body that is no JSON, which has no schema; <see langword="null"/> for JSON.</summary>
    public (string Type, string Description)? Binary { get; init; }

    /// <summary>The types that the body may have besides JSON.</summary>
    public IReadOnlyList<(string Type, string Description)> OtherRequests { get; init; } = [];

    /// <summary>The types that the answer may have besides JSON.</summary>
    public IReadOnlyList<(string Type, string Description)> OtherResponses { get; init; } = [];
}
