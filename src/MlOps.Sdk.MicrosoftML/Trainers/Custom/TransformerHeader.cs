using System.Text.Json;
using System.Text.Json.Serialization;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>What a saved model of ML.NET has beside its zip.</summary>
/// <param name="Task">What is predicted.</param>
/// <param name="Features">The length of a feature vector.</param>
/// <param name="Outputs">The number of outputs of a row.</param>
/// <param name="Output">How what it writes becomes outputs.</param>
internal sealed record TransformerHeader(TaskKind Task, int Features, int Outputs, PipelineOutput Output)
{
    private const int MostOutputs = 1 << 20;

    /// <summary>What was saved, for messages.</summary>
    public const string What = "model of ML.NET";

    /// <summary>What the model reads and writes.</summary>
    [JsonIgnore]
    public ModelSignature Signature => new(Task, Features, Outputs);

    /// <summary>Reads a header.</summary>
    /// <exception cref="MlOpsException">It is not a possible header.</exception>
    public static TransformerHeader Read(ReadOnlySpan<byte> bytes)
    {
        TransformerHeader? header;
        try
        {
            header = JsonSerializer.Deserialize(bytes, PipelineJson.Default.TransformerHeader);
        }
        catch (JsonException e)
        {
            throw SavedParts.Damaged(What, e.Message.TrimEnd('.'));
        }

        return header is not null
            && Enum.IsDefined(header.Task)
            && header.Features > 0
            && (header.Task == TaskKind.MulticlassClassification ? header.Outputs is >= 2 and <= MostOutputs : header.Outputs == 1)
            && header.Output.IsValid(header.Signature)
            ? header
            : throw SavedParts.Damaged(What, "its header is not possible");
    }

    /// <summary>The header's bytes.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, PipelineJson.Default.TransformerHeader);
}
