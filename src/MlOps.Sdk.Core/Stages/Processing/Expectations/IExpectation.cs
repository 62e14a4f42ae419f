using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Something that rows are expected to fulfil. Implementations are immutable and thread-safe.</summary>
public interface IExpectation
{
    /// <summary>A short name, for example <c>tenure.between</c>.</summary>
    string Name { get; }

    /// <summary>
    /// What is expected, with all its parameters, for example <c>tenure is between 0 and 120</c>. It is part of the fingerprint of a run.
    /// </summary>
    string Description { get; }

    /// <summary>Begins a check of rows of a schema.</summary>
    /// <param name="schema">The columns at the place where the expectation stands among the steps.</param>
    /// <exception cref="MlOpsException">The schema lacks a column, or the column has another type.</exception>
    ExpectationCheck Begin(Schema schema);
}
