namespace MlOps.Sdk.Storage;

/// <summary>A prediction to be recorded.</summary>
/// <param name="Id">Unique for its model; the same id is recorded once.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Version">The model's version.</param>
/// <param name="At">When it was made.</param>
/// <param name="Row">The input row, in an encoding that the writer knows.</param>
/// <param name="Score">The first score; NaN when there is none.</param>
/// <param name="Scores">All scores, in an encoding that the writer knows.</param>
/// <param name="Decision">The class decided for, where there is one.</param>
internal sealed record PredictionRow(
    string Id,
    string Model,
    int Version,
    DateTimeOffset At,
    ReadOnlyMemory<byte> Row,
    double Score,
    ReadOnlyMemory<byte> Scores,
    int? Decision)
{
    /// <summary>The generation of the route that chose the version; −1 where none did.</summary>
    public long Generation { get; init; } = -1;

    /// <summary>By which it is known to belong to a window; <see langword="null"/> for one of none, and of those read.</summary>
    public long? Mark { get; set; }

    /// <summary>Whether it was stored by this process, and its id was not there before. Set when it is stored.</summary>
    public bool IsNew { get; set; }
}
