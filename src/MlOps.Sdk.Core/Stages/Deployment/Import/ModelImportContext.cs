using MlOps.Sdk.Data;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;

namespace MlOps.Sdk.Deployment;

/// <summary>What is known of an import when the model is loaded. Not thread-safe.</summary>
public sealed class ModelImportContext
{
    private readonly Func<RowKey[]> _keys;
    private int[]? _taken;

    internal ModelImportContext(
        string model,
        ProblemDefinition problem,
        LabelEncoding encoding,
        Dataset rows,
        ReadOnlyMemory<double> weights,
        FormatReaders readers,
        Func<RowKey[]> keys)
    {
        Model = model;
        Problem = problem;
        Encoding = encoding;
        Rows = rows;
        Weights = weights;
        Readers = readers;
        _keys = keys;
    }

    /// <summary>The model's name.</summary>
    public string Model { get; }

    /// <summary>What the model solves.</summary>
    public ProblemDefinition Problem { get; }

    /// <summary>The classes, in the order that the model's outputs must have.</summary>
    public LabelEncoding Encoding { get; }

    /// <summary>The rows that it is judged on: their columns are those that the model can read.</summary>
    public Dataset Rows { get; }

    /// <summary>The weight of each row; empty when all weigh the same.</summary>
    public ReadOnlyMemory<double> Weights { get; }

    /// <summary>The readers of the workspace.</summary>
    public FormatReaders Readers { get; }

    /// <summary>The rows that were taken for calibration; empty when none were.</summary>
    internal IReadOnlyList<int> Taken => _taken ?? [];

    /// <summary>
    /// Takes half of the rows, to make probabilities of the model's scores with: the model is judged on the others only. Of each class it
    /// is half; equal rows stay together, and the same rows are taken in whatever order they come.
    /// </summary>
    /// <returns>The positions of the rows, ascending; the same in every call.</returns>
    /// <exception cref="MlOpsException">A class has too few rows.</exception>
    public IReadOnlyList<int> TakeForCalibration()
    {
        if (_taken is not null) return _taken;
        var keys = _keys();
        var labels = Encoding.Encode(Rows);
        var taken = new List<int>();
        for (var index = 0; index < Encoding.ClassCount; index++)
        {
            var ofClass = Enumerable.Range(0, Rows.RowCount)
                .Where(row => Encoding.Classes.Count == 0 || labels[row] == index)
                .GroupBy(row => keys[row])
                .OrderBy(rows => rows.Key)
                .ToArray();
            if (ofClass.Length < 2)
            {
                throw new MlOpsException(
                    $"There are too few rows{(Encoding.Classes.Count == 0 ? "" : $" of the class '{Encoding.Classes[index]}'")} " +
                        "to calibrate the model's scores on one half and to judge the model on the other.",
                    "Declare more rows, or import a model with probabilities.") { Column = Encoding.Label };
            }

            for (var i = 0; i < ofClass.Length; i += 2) taken.AddRange(ofClass[i]);
        }

        return _taken = [.. taken.Order()];
    }
}
