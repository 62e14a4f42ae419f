namespace MlOps.Sdk.MLNet;

/// <summary>A row of the pipeline rows, as a class of a program.</summary>
internal sealed record Customer(double? Tenure, long Visits, bool Member, string? Contract, string? Review);
