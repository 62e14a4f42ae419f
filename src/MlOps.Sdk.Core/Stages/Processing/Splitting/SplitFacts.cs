using System.Globalization;

namespace MlOps.Sdk.Processing;

/// <summary>How a split came out, to say why a side cannot be used, and what helps.</summary>
/// <param name="Splitter">What divided the rows.</param>
/// <param name="Train">The rows to learn from.</param>
/// <param name="Holdout">The rows to be judged on.</param>
/// <param name="Between">The rows in the gap between them.</param>
/// <param name="Sealed">The rows that would be learned from, had no earlier run been judged on them.</param>
/// <param name="KeysOfRows">The key of each row.</param>
internal sealed record SplitFacts(
    ISplitter Splitter, long Train, long Holdout, long Between, long Sealed, IEnumerable<RowKey> KeysOfRows)
{
    // Of fewer keys, the share of the rows that is held out may be far from the share of the keys.
    private const double NotableDifference = 0.03;

    // Counted only where somebody must be told.
    private readonly Lazy<long> _keys = new(() => KeysOfRows.Distinct().LongCount());

    private long Keys => _keys.Value;

    private bool HasFewKeys => Splitter.Folds.Kind == FoldKind.Stratified && 2 * Keys <= Train + Holdout;

    private string Named => $"'{string.Join("', '", Splitter.Key)}'";

    /// <summary>Why a side may have none of some rows, as a sentence; empty when chance is all there is to say.</summary>
    public string Why => Splitter.Folds.Kind switch
    {
        FoldKind.Grouped => Invariant($" There are {Keys:N0} groups by {Named}, and each group is completely on one side."),
        FoldKind.Temporal when Between > 0 => Invariant($" The split is by time; {Between:N0} rows are in the gap."),
        FoldKind.Temporal => " The split is by time, and rows of the same time are on one side.",
        _ when Sealed > 0 => Invariant($" {Sealed:N0} rows are held out because earlier runs were judged on them."),
        _ when HasFewKeys && Splitter.Key.Count > 0 =>
            Invariant($" The rows have {Keys:N0} different key{(Keys == 1 ? "" : "s")} by {Named}, and rows of one key are on one side."),
        _ when HasFewKeys && Keys == 1 => " Without the label, all rows are equal, and equal rows are on one side.",
        _ when HasFewKeys => Invariant($" Without the label, only {Keys:N0} rows are different, and equal rows are on one side."),
        _ => "",
    };

    /// <summary>What else than more rows helps.</summary>
    public string Remedy => Splitter.Folds.Kind switch
    {
        FoldKind.Grouped => "Collect rows of more groups, change the test share, or split by another column; more rows of the same " +
            "groups do not help.",
        FoldKind.Temporal => $"Collect rows over a longer time, {(Between > 0 ? "shorten the gap, " : "")}or change the share or the " +
            "time from which rows are held out.",
        _ when Sealed > 0 => "Collect more rows, or start a lifecycle with a new name.",
        _ when HasFewKeys => $"Name {(Splitter.Key.Count > 0 ? "another" : "a")} key that identifies the rows, Split(test, \"key\"), " +
            "or collect rows that differ.",
        _ => "Collect more rows, or change the test share.",
    };

    /// <summary>What to tell of a split that came out otherwise than was asked; <see langword="null"/> when there is nothing.</summary>
    public string? Note =>
        Splitter is HashSplitter { Share: var asked }
            && (double)Holdout / (Train + Holdout) is var held
            && Math.Abs(held - asked) > Math.Max(NotableDifference, asked / 10)
            && Why.Length > 0
            ? Invariant($"{100 * held:0} % of the rows are held out, where {100 * asked:0.#} % were requested.{Why}")
            : null;

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
