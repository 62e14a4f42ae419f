namespace MlOps.Sdk.Storage;

internal sealed class MuteRow
{
    public long No { get; init; }

    public string Model { get; init; } = "";

    /// <summary>The signal; <see langword="null"/> for all.</summary>
    public string? Signal { get; init; }

    /// <summary>The subject; <see langword="null"/> for all.</summary>
    public string? Subject { get; init; }

    public long At { get; init; }

    /// <summary>Until when; <see langword="null"/> until somebody ends it.</summary>
    public long? Until { get; init; }

    public string Actor { get; init; } = "";

    public string Reason { get; init; } = "";

    public long? EndedAt { get; init; }
}
