using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Decides which rows models learn from, and which they are judged on. Implementations are immutable and thread-safe.</summary>
public interface ISplitter
{
    /// <summary>
    /// What is done, with all parameters, for example <c>keyed hash, test 0.2</c>. It is part of the fingerprint of a run.
    /// </summary>
    string Name { get; }

    /// <summary>
    /// The columns, as they are collected, that identify a row; empty for all columns but the label. The label is not part of a row's
    /// identity, so a corrected label moves no row to the other side.
    /// </summary>
    IReadOnlyList<string> Key { get; }

    /// <summary>How training divides the rows that are left to learn from into folds. Default: <see cref="FoldKind.Stratified"/>.</summary>
    FoldRule Folds => new(FoldKind.Stratified);

    /// <summary>Begins the split of rows of a schema.</summary>
    /// <param name="schema">The columns after the last step.</param>
    /// <exception cref="MlOpsException">The schema lacks what the splitter needs.</exception>
    SplitAssignment Begin(Schema schema);
}
