using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Packaging;

/// <summary>
/// What is trained and what is served, in one piece: the fitted feature graph, the model, the decision threshold and the baseline for
/// monitoring. Immutable and thread-safe; disposing it disposes the model and the transforms of the graph.
/// </summary>
public sealed class ModelPackage : IDisposable
{
    internal ModelPackage(PackageParts parts, string contentHash = "")
    {
        Parts = parts;
        ContentHash = contentHash;
        InputRules = InputRules.Of(parts.Name, parts.Inputs, parts.Graph.Input, parts.Baseline);
        var fits = RowModel is null
            ? Signature.Features == Graph.Slots.Count && Graph.Columns.Count == 0
            : Signature.Features == RowModel.Inputs.Count && RowModel.Inputs.SequenceEqual(Graph.Columns);
        if (!fits)
        {
            throw new MlOpsException(
                RowModel is null
                    ? $"The model reads {Signature.Features} features and the feature graph makes {Graph.Slots.Count}."
                    : $"The model reads the columns {string.Join(", ", RowModel.Inputs.Select(field => field.Name))} and the graph gives " +
                        $"{string.Join(", ", Graph.Columns.Select(field => field.Name))}.",
                "The two do not belong together; package the graph that the model was trained with.");
        }
        if (Signature.Outputs != Decision.Labels.Outputs)
        {
            throw new MlOpsException(
                $"The model gives {Signature.Outputs} scores a row where the task {Decision.Labels.Task} with " +
                    $"{Decision.Labels.ClassCount} classes has {Decision.Labels.Outputs}.",
                "Package the model with the problem that it was trained for.");
        }
    }

    /// <summary>The model's name.</summary>
    public string Name => Parts.Name;

    /// <summary>What the model solves.</summary>
    public ProblemDefinition Problem => Parts.Problem;

    /// <summary>From raw rows to features.</summary>
    public FeatureGraph Graph => Parts.Graph;

    /// <summary>From features to scores; <see langword="null"/> for a model that reads columns, see <see cref="RowModel"/>.</summary>
    public IModel? Model => Parts.Model.Model;

    /// <summary>From columns to scores; <see langword="null"/> for a model that reads features, see <see cref="Model"/>.</summary>
    public IRowModel? RowModel => Parts.Model.RowModel;

    /// <summary>What the model reads and writes.</summary>
    public ModelSignature Signature => Parts.Model.Signature;

    /// <summary>From scores to answers.</summary>
    public Decision Decision => Parts.Decision;

    /// <summary>What the inputs and scores looked like in training.</summary>
    public PackageBaseline Baseline => Parts.Baseline;

    /// <summary>What the model expects of its input; <see langword="null"/> where nothing is declared.</summary>
    public InputContract? Inputs => Parts.Inputs;

    /// <summary>Where the model came from.</summary>
    public RunFacts Facts => Parts.Facts;

    /// <summary>
    /// The SHA-256 over all that decides predictions, in hexadecimal; empty for a package that was not read from its file.
    /// </summary>
    public string ContentHash { get; }

    /// <summary>All of it, from which a package that differs in a part is made.</summary>
    internal PackageParts Parts { get; }

    internal GoldenRows Golden => Parts.Golden;

    /// <summary><see cref="Inputs"/>, bound to the columns and the training rows.</summary>
    internal InputRules? InputRules { get; }

    /// <summary>What scores rows of callers.</summary>
    /// <param name="counts">Whether what the input contract does not expect is counted: copies of rows are not counted again.</param>
    internal ModelScorer NewScorer(bool counts = true) => new(Graph, Parts.Model, InputRules, counts);

    /// <summary>Scores raw rows: per row P(positive), a probability per class, or the predicted number.</summary>
    /// <param name="rows">Rows with at least the columns of <see cref="FeatureGraph.Input"/>.</param>
    /// <param name="cancellationToken">Cancels the scoring.</param>
    /// <exception cref="MlOpsException">A column is missing or has another type.</exception>
    public double[] Score(Dataset rows, CancellationToken cancellationToken = default)
    {
        using var scorer = new ModelScorer(Graph, Parts.Model, InputRules);
        return scorer.Score(rows, cancellationToken);
    }

    /// <summary>
    /// By how much scores of what is not exact may differ when it is loaded elsewhere, relative to those that are larger than 1: what
    /// the rounding of single precision, 6e-8, adds up to.
    /// </summary>
    internal const double Tolerance = 1e-5;

    /// <summary>Whether the whole package computes the same to the last bit on every machine.</summary>
    internal bool IsExact =>
        (Model?.IsExact ?? true) && (RowModel?.IsExact ?? true) && Graph.Transforms.All(transform => transform.IsExact);

    /// <summary>Scores the golden rows again and compares.</summary>
    /// <param name="tolerance">By how much scores may differ; 0 for not at all, to the last bit.</param>
    /// <returns>Why the package does not predict as it did; <see langword="null"/> when it does.</returns>
    internal string? CheckGoldenRows(double tolerance = 0)
    {
        using var scorer = new ModelScorer(Graph, Parts.Model, InputRules);
        foreach (var row in Golden.Rows) RowCodec.Read(row, Graph.Input, scorer.Inputs);
        if (Golden.Rows.Length == 0) return "The package has no golden rows.";
        ReadOnlySpan<double> scores;
        try
        {
            scorer.Check?.Run(0, defaultsOnly: true);
            scores = scorer.Score();
        }
        catch (MlOpsException e)
        {
            return $"The golden rows are rejected: {e.Problem}";
        }

        if (scores.Length != Golden.ScoreBits.Length)
        {
            return $"{scores.Length} scores for golden rows with {Golden.ScoreBits.Length} answers.";
        }
        for (var i = 0; i < scores.Length; i++)
        {
            var before = BitConverter.Int64BitsToDouble(Golden.ScoreBits[i]);
            if (BitConverter.DoubleToInt64Bits(scores[i]) == Golden.ScoreBits[i]
                || (tolerance > 0 && Math.Abs(scores[i] - before) <= tolerance * Math.Max(1, Math.Abs(before))))
            {
                continue;
            }
            return FormattableString.Invariant($"Golden score {i} is {scores[i]:R} and was {before:R} when the package was created.");
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Parts.Model.Dispose();
        Graph.Dispose();
    }
}
