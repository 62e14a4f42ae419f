using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;

namespace MlOps.Sdk.AspNetCore;

/// <summary>The rows of a request in the form in which they came. They may be read more than once: versions may read different
/// columns.</summary>
internal abstract class RequestRows
{
    /// <summary>The body that they are read from; <see langword="null"/> where they have memory of their own.</summary>
    public BodyBytes? Body { get; init; }

    /// <summary>
    /// What decides which arm answers, where the rows say so themselves. It is read before the rows: arms may read different columns.
    /// </summary>
    /// <param name="live">The columns of the live version.</param>
    public virtual RowRouting RoutingOf(Schema live) => default;

    /// <summary>Makes sure that a version gives the answers that the caller names.</summary>
    /// <exception cref="Rejection">It does not.</exception>
    public virtual void RequireAnswers(LiveModel live)
    {
    }

    /// <summary>Reads all rows.</summary>
    /// <param name="to">Where they go; empty.</param>
    /// <param name="mistakes">Where mistakes go; empty.</param>
    /// <exception cref="Rejection">They cannot be read at all, or are too many.</exception>
    public abstract void Read(RowBuffer to, Mistakes mistakes);
}
