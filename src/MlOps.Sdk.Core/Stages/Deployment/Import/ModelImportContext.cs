using MlOps.Sdk.Data;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Deployment;

/// <summary>What is known of an import when the model is loaded. Immutable.</summary>
public sealed class ModelImportContext
{
    internal ModelImportContext(string model, ProblemDefinition problem, LabelEncoding encoding, Dataset rows)
    {
        Model = model;
        Problem = problem;
        Encoding = encoding;
        Rows = rows;
    }

    /// <summary>The model's name.</summary>
    public string Model { get; }

    /// <summary>What the model solves.</summary>
    public ProblemDefinition Problem { get; }

    /// <summary>The classes, in the order that the model's outputs must have.</summary>
    public LabelEncoding Encoding { get; }

    /// <summary>The rows that it is judged on: their columns are those that the model can read.</summary>
    public Dataset Rows { get; }
}
