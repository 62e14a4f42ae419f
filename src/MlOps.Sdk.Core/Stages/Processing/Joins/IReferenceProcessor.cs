namespace MlOps.Sdk.Processing;

/// <summary>A set-wise step that looks rows up in another table, which is read before the first row comes.</summary>
internal interface IReferenceProcessor : IDataProcessor
{
    /// <summary>The table; its content is part of what the step is.</summary>
    ReferenceTable Reference { get; }

    /// <summary>What somebody should look at, once all rows were read; <see langword="null"/> for nothing.</summary>
    string? Note { get; }
}
