using Microsoft.ML;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>A trainer of Microsoft.ML on a table, and how close its translation must come.</summary>
/// <param name="Name">What the test says.</param>
/// <param name="Table">The table.</param>
/// <param name="Task">What is predicted.</param>
/// <param name="Exactness">How close the translation is to come.</param>
/// <param name="Fit">Trains on the columns <c>Features</c>, <c>IsPositive</c>, <c>Number</c> and <c>Class</c>.</param>
internal sealed record TranslationCase(
    string Name, string Table, TaskKind Task, TranslationExactness Exactness, Func<TranslationTable, ITransformer> Fit)
{
    /// <summary>
    /// By how much a linear model may differ on rows like none of its table; the translation itself holds it to the rounding error of each
    /// row.
    /// </summary>
    public double Tolerance { get; init; } = 1e-5;

    public override string ToString() => $"{Name}, {Table}";

    /// <summary>Trains and translates.</summary>
    public (ITransformer Trained, Translation Translation) Translate()
    {
        var table = TranslationTable.Get(Table);
        var trained = Fit(table);
        return (trained, ModelTranslation.Translate(new TranslationRequest
        {
            Predictor = trained,
            Signature = table.Signature(Task),
            Rows = table.Rows,
        }));
    }
}
