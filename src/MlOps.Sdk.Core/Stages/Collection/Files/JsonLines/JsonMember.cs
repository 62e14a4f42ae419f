namespace MlOps.Sdk.Collection;

/// <summary>A member of the objects of a JSON Lines file, by its dotted path.</summary>
internal sealed class JsonMember
{
    /// <summary>The column that it is; -1 where it only holds others.</summary>
    public int Column { get; set; } = -1;

    /// <summary>Whether columns lie in it.</summary>
    public bool HoldsColumns { get; set; }

    /// <summary>The record in which it was seen last, to notice what stands there twice.</summary>
    public long Seen { get; set; }
}
