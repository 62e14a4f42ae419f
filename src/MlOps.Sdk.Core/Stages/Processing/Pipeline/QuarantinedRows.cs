using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Rows that an expectation quarantined.</summary>
/// <param name="Expectation">The expectation's name.</param>
/// <param name="Rows">The rows.</param>
public sealed record QuarantinedRows(string Expectation, Dataset Rows);
