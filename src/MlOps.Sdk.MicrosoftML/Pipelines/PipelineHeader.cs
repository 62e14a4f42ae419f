using System.Text.Json;
using System.Text.Json.Serialization;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>What a saved pipeline has beside its zip.</summary>
/// <param name="Task">What is predicted.</param>
/// <param name="Outputs">The number of outputs of a row.</param>
/// <param name="Columns">The columns that the pipeline is given.</param>
/// <param name="Output">How what it writes becomes outputs.</param>
internal sealed record PipelineHeader(
    TaskKind Task, int Outputs, IReadOnlyList<InputColumn> Columns, PipelineOutput Output)
{
    private const string What = "pipeline of ML.NET";

    /// <summary>What a model of the pipeline reads and writes.</summary>
    [JsonIgnore]
    public ModelSignature Signature => new(Task, Columns.Count(column => column.Source is not null), Outputs);

    /// <summary>Reads a header.</summary>
    /// <exception cref="MlOpsException">It is not a possible header.</exception>
    public static PipelineHeader Read(ReadOnlySpan<byte> bytes)
    {
        PipelineHeader? header;
        try
        {
            header = JsonSerializer.Deserialize(bytes, PipelineJson.Default.PipelineHeader);
        }
        catch (JsonException e)
        {
            throw SavedParts.Damaged(What, e.Message.TrimEnd('.'));
        }

        return header is not null
            && Enum.IsDefined(header.Task)
            && (header.Task == TaskKind.MulticlassClassification ? header.Outputs >= 2 : header.Outputs == 1)
            && header.Columns.All(column => column?.IsValid() == true)
            && header.Columns.Select(column => column.Name).Distinct(StringComparer.Ordinal).Count() == header.Columns.Count
            && header.Columns.Any(column => column.Source is not null)
            && header.Output.IsValid(header.Signature)
            ? header
            : throw SavedParts.Damaged(What, "its header is not possible");
    }

    /// <summary>The header's bytes.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, PipelineJson.Default.PipelineHeader);
}
