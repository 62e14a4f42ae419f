using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>What an expectation gathers about a column. Not thread-safe.</summary>
/// <param name="Add">Takes the next rows.</param>
/// <param name="Complete">Says what is wrong, after the last rows; <see langword="null"/> when nothing is.</param>
internal sealed record ColumnTotal(Action<Column> Add, Func<string?> Complete);
