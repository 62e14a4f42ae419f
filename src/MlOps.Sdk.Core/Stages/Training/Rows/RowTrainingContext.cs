using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>What a row trainer learns from. Immutable.</summary>
public sealed class RowTrainingContext : TrainingRequest
{
    /// <summary>
    /// The training rows after the row-wise steps: the columns that may be read, and the label's. Columns that are only observed, and the
    /// column of weights, are not among them.
    /// </summary>
    public required Dataset Rows { get; init; }

    /// <summary>What is to be solved; its label is a column of <see cref="Rows"/>.</summary>
    public required ProblemDefinition Problem { get; init; }

    /// <summary>How the label's values become <see cref="TrainingRequest.Labels"/>: its classes are in the order of the outputs.</summary>
    public required LabelEncoding Encoding { get; init; }

    /// <summary>
    /// Rows by which a trainer may see when to stop, cut from the training rows; <see langword="null"/> when there are none, or the trainer
    /// does not take them.
    /// </summary>
    public Dataset? Validation { get; init; }
}
