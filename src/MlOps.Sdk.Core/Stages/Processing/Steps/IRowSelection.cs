using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>A set-wise step that keeps some rows and changes none, so that each kept row keeps its key. Thread-safe.</summary>
internal interface IRowSelection
{
    /// <summary>Whether the step remembers all rows. Default: no.</summary>
    bool NeedsAllRows => false;

    /// <summary>Begins a pass over rows of a schema.</summary>
    /// <param name="schema">The columns.</param>
    /// <exception cref="MlOpsException">The step cannot work on this schema.</exception>
    SelectionPass Begin(Schema schema);
}
