namespace MlOps.Sdk.AspNetCore;

/// <summary>What is wrong with a request in one place.</summary>
/// <param name="Row">The row, from 0; <see langword="null"/> where no row is meant.</param>
/// <param name="Column">The column or member, where one is meant.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Remedy">What to do about it.</param>
/// <param name="Id">The id, as the caller sent it, where one is meant.</param>
internal sealed record Mistake(int? Row, string? Column, string Problem, string? Remedy, string? Id = null);
