using System.Text.Json;

namespace MlOps.Sdk.MLNet;

/// <summary>What a saved feature transform has beside its zip.</summary>
/// <param name="Name">The transform's name.</param>
/// <param name="Columns">The columns that it is given.</param>
/// <param name="Outputs">The columns whose numbers become features.</param>
internal sealed record TransformHeader(string Name, IReadOnlyList<InputColumn> Columns, IReadOnlyList<string> Outputs)
{
    private const string What = "feature transform of ML.NET";

    /// <summary>Reads a header.</summary>
    /// <exception cref="MlOpsException">It is not a possible header.</exception>
    public static TransformHeader Read(ReadOnlySpan<byte> bytes)
    {
        TransformHeader? header;
        try
        {
            header = JsonSerializer.Deserialize(bytes, PipelineJson.Default.TransformHeader);
        }
        catch (JsonException e)
        {
            throw SavedParts.Damaged(What, e.Message.TrimEnd('.'));
        }

        return header is not null
            && !string.IsNullOrEmpty(header.Name)
            && header.Columns.Count > 0
            && header.Columns.All(column => column?.IsValid() == true && column.Source is not null)
            && header.Columns.Select(column => column.Name).Distinct(StringComparer.Ordinal).Count() == header.Columns.Count
            && header.Outputs.Count > 0
            && header.Outputs.All(output => !string.IsNullOrEmpty(output))
            ? header
            : throw SavedParts.Damaged(What, "its header is not possible");
    }

    /// <summary>The header's bytes.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, PipelineJson.Default.TransformHeader);
}
