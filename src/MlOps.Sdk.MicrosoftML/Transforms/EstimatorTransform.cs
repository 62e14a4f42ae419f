using Microsoft.ML;
using MlOps.Sdk.Features;

namespace MlOps.Sdk.MLNet;

/// <summary>An ML.NET estimator as a feature transform.</summary>
/// <param name="name">The name, which the features' names begin with.</param>
/// <param name="columns">The columns that the estimator reads.</param>
/// <param name="build">Makes the estimator; called on a worker thread, once for each fit.</param>
/// <param name="output">The column whose numbers become features; <see langword="null"/> for those of the last step.</param>
internal sealed class EstimatorTransform(
    string name, IReadOnlyList<string> columns, Func<MLContext, IEstimator<ITransformer>> build, string? output) : IFeatureTransform
{
    /// <summary>Part of what decides whether a result can be used again: another version of the library may learn something else.</summary>
    public string Version { get; } = LibraryVersion.With("1");

    public IReadOnlyList<string> Inputs => columns;

    public async ValueTask<IFittedTransform> FitAsync(IFitContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (columns.Contains(context.Problem.Label))
        {
            throw new MlOpsException(
                $"The feature transform '{name}' reads the label '{context.Problem.Label}'.",
                "Remove the label from the features: the model would learn to repeat it.") { Column = context.Problem.Label };
        }

        InputColumn[] inputs = [.. columns.Select(column => InputColumn.Of(context.Rows.Schema[column]))];
        return await new MLSession(context.Seed, context.Logger).RunAsync(
            ml => Fit(ml, context, new InputSchema(inputs), cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private FittedEstimatorTransform Fit(MLContext ml, IFitContext context, InputSchema inputs, CancellationToken cancellationToken)
    {
        var estimator = build(ml)
            ?? throw new MlOpsException($"The function of the feature transform '{name}' returned null.", "Return the estimator.");
        if (EstimatorShape.Mismatch(estimator, inputs.Schema) is { } mismatch)
        {
            throw new MlOpsException(
                $"The feature transform '{name}' does not fit its columns: {mismatch.TrimEnd('.')}.",
                $"The columns are: {string.Join(", ", inputs.Columns.Select(column => $"{column.Name} ({column.Type})"))}.");
        }

        var rows = context.Rows;
        var view = new InputView(inputs, [.. columns.Select(column => rows[column])], 0, rows.RowCount, cancellationToken);
        var fitted = ScoringPart.Of(EstimatorFit.Run(estimator, view, request: null, cancellationToken));
        try
        {
            var header = new TransformHeader(name, inputs.Columns, OutputSlots.Choose(fitted, inputs.Schema, output, name));
            var zip = ModelFile.Save(ml, fitted, inputs.Schema, $"The feature transform '{name}'").ToBytes();
            return new FittedEstimatorTransform(header, zip, fitted);
        }
        catch
        {
            (fitted as IDisposable)?.Dispose();
            throw;
        }
    }
}
