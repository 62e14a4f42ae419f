using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Rows that an expectation set aside.</summary>
/// <param name="Expectation">The expectation's name.</param>
/// <param name="Rows">The rows.</param>
public sealed record SetAsideRows(string Expectation, Dataset Rows);
