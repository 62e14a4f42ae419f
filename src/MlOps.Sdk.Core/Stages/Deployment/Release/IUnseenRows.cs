using MlOps.Sdk.Metrics;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Processing;

namespace MlOps.Sdk.Deployment;

/// <summary>Rows that a model is judged on, as it was not trained on them.</summary>
internal interface IUnseenRows
{
    int RowCount { get; }

    /// <summary>Records a look at the rows.</summary>
    Task RecordLookAsync(string purpose, CancellationToken cancellationToken);

    /// <summary>Which look of a kind the purpose is, counted from 1 over all rows that the model was ever judged on.</summary>
    /// <param name="kind">What the purposes of the kind begin with.</param>
    /// <param name="purpose">A look that is recorded; looking at the same rows for it again is the same look.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    Task<int> OrdinalOfAsync(string kind, string purpose, CancellationToken cancellationToken);

    /// <summary>Shows the rows to a model.</summary>
    Evaluation Evaluate(ModelPackage package, CancellationToken cancellationToken);

    /// <summary>The rows that another model was not trained on either.</summary>
    int[] UnseenBy(RowKeySet? trained);

    /// <summary>
    /// Which of some rows have the same key, where one was declared; <see langword="null"/> where each is as independent as the others.
    /// </summary>
    /// <param name="rows">The rows; the answer has places in it.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    Task<IReadOnlyList<int[]>?> UnitsOfAsync(int[] rows, CancellationToken cancellationToken);
}
