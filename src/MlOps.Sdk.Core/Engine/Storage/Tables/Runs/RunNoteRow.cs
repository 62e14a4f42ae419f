namespace MlOps.Sdk.Storage;

internal sealed record RunNoteRow
{
    public long At { get; init; }

    public string Actor { get; init; } = "";

    public string Text { get; init; } = "";
}
