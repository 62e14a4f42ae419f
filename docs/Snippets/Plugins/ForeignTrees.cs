// begin-snippet: model-factory
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace Acme;

public static class ForeignTrees
{
    /// <summary>Two trees of two features: "is f0 at most 0.5, or missing?", and "is any of f0 and f1 above 0?".</summary>
    public static IModel Build() => ModelFactory.Trees(
        new ModelSignature(TaskKind.BinaryClassification, Features: 2, Outputs: 1),
        [
            new DecisionTree([TreeSplit.Below(0, float.BitIncrement(0.5f), left: ~0, right: ~1)], Leaves: [-1.2, 0.8]),
            new DecisionTree([TreeSplit.AnyOf([0, 1], left: ~0, right: ~1)], Leaves: [0.1, 0.3]),
        ],
        baseScores: [-0.4],
        ScoreLink.Logistic);
}
// end-snippet
