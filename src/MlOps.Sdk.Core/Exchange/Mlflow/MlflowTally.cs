namespace MlOps.Sdk;

/// <summary>What was sent of one run. Confined to who sends it.</summary>
internal sealed class MlflowTally
{
    /// <summary>How many texts were cut.</summary>
    public int Cut;

    public long Metrics { get; set; }

    public int Artifacts { get; set; }

    public int LeftOut { get; set; }

    public bool IsInProgress { get; set; }

    /// <summary>Whether it was made there, else it was there; <see langword="null"/> where it was not sent as a whole.</summary>
    public bool? IsNew { get; set; }

    public bool IsUnchanged { get; set; }
}
