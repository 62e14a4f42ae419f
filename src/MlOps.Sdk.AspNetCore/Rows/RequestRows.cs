namespace MlOps.Sdk.AspNetCore;

/// <summary>The rows of a request in the form in which they came. They may be read more than once: versions may read different
/// columns.</summary>
internal abstract class RequestRows
{
    /// <summary>The body that they are read from; <see langword="null"/> where they have memory of their own.</summary>
    public BodyBytes? Body { get; init; }

    /// <summary>Reads all rows.</summary>
    /// <param name="to">Where they go; empty.</param>
    /// <param name="mistakes">Where mistakes go; empty.</param>
    /// <exception cref="Rejection">They cannot be read at all, or are too many.</exception>
    public abstract void Read(RowBuffer to, Mistakes mistakes);
}
