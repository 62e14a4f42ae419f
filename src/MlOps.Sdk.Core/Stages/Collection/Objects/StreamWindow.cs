using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>A piece of a stream.</summary>
/// <param name="Rows">The rows, in the order in which they came.</param>
/// <param name="Start">The first point in time that belongs to the window; <see langword="null"/> for a window by count.</param>
/// <param name="End">The first point in time behind the window; <see langword="null"/> for a window by count.</param>
/// <param name="Late">
/// Rows that came since the window before, when every window that they belong to was closed. They are in no window.
/// </param>
public sealed record StreamWindow(Dataset Rows, DateTime? Start, DateTime? End, Dataset Late);
