namespace MlOps.Sdk.Training;

/// <summary>The rows of one fold, by their positions among all training rows.</summary>
/// <param name="Train">The rows to learn from.</param>
/// <param name="Validation">The rows to predict.</param>
internal sealed record FoldRows(int[] Train, int[] Validation)
{
    /// <summary>The folds of an assignment: each is validated on its own rows, and learns from those of all others.</summary>
    /// <param name="assigned">The fold per row, from 0.</param>
    /// <param name="folds">The number of folds.</param>
    public static IReadOnlyList<FoldRows> Of(int[] assigned, int folds) =>
    [
        .. Enumerable.Range(0, folds).Select(fold => new FoldRows(
            [.. Enumerable.Range(0, assigned.Length).Where(row => assigned[row] != fold)],
            [.. Enumerable.Range(0, assigned.Length).Where(row => assigned[row] == fold)])),
    ];
}
